//! The shape of a monitor's configuration.

mod japanese;
pub(crate) mod page;

use anshin_model::Lang;
use anshin_model::shape::{Field, Object, Shape};

/// What is said of an object, a key (`Object.key`) or a choice (`Object.key=word`) in a language; `None` where
/// it stands in the shape.
pub(crate) fn sentence(of: &str, lang: Lang) -> Option<&'static str> {
    match lang {
        Lang::En => None,
        Lang::Ja => japanese::SENTENCES.iter().find(|(known, _)| *known == of).map(|(_, says)| *says),
    }
}

/// Most of any number of seconds: a year.
const YEAR: f64 = 366.0 * 24.0 * 3600.0;

/// Most of a power of a machine, in watts.
pub(crate) const MOST_POWER: f64 = 1e12;

/// In place of a tolerance: that of the machine's own healthy cycles.
pub(crate) const AUTO: &str = "auto";

/// The configuration.
pub(crate) static CONFIGURATION: Object = Object {
    name: "Monitor",
    about: "What a monitor watches, and how.",
    fields: &[
        Field::required("anshin-monitor", Shape::Number(1.0, 1.0), "version of this format: 1"),
        Field::optional(
            "time-zone",
            Shape::Line,
            "time zone of days and shifts, and of times that name none, such as Asia/Tokyo; UTC if left out",
        ),
        Field::optional(
            "shifts",
            Shape::Items(&SHIFT),
            "the shifts, in which machines are planned to work, and which are counted apart; around the clock if left out",
        ),
        Field::optional(
            "closed",
            Shape::List(&Shape::Date),
            "days on which no shift begins, and without shifts no work is planned, such as holidays: [2026-12-29, 2026-12-30]",
        ),
        Field::optional(
            "open",
            Shape::List(&Shape::Short(&OPEN)),
            "days on which all shifts begin, or those that are named, whatever their `days`, such as a Saturday that is worked: [2026-12-05, { day: 2026-12-12, shifts: [early] }]",
        ),
        Field::optional(
            "maintenance",
            Shape::Items(&MAINTENANCE),
            "when machines are planned to be maintained: nothing is judged or learnt then",
        ),
        Field::required("sources", Shape::Items(&SOURCE), "where readings come from"),
        Field::required("machines", Shape::Items(&MACHINE), "the machines that are watched"),
        Field::optional("groups", Shape::Items(&GROUP), "machines that share something, such as a supply"),
        Field::optional("outlets", Shape::Items(&OUTLET), "where alerts go, beside the log"),
    ],
};

static SHIFT: Object = Object {
    name: "Shift",
    about: "A part of the day in which machines are planned to work.",
    fields: &[
        Field::required("id", Shape::Id, "its id"),
        Field::optional("name", Shape::Text, "its name; the id if left out"),
        Field::required("from", Shape::Line, "when it begins, such as \"08:00\""),
        Field::required(
            "to",
            Shape::Line,
            "when it ends; before `from` if it goes over midnight, and then it counts for the day on which it began",
        ),
        Field::optional(
            "days",
            Shape::OneOrMore(&Shape::Choice(&DAYS)),
            "days of the week on which it begins, such as [mon, tue, wed, thu, fri]; all if left out",
        ),
        Field::optional(
            "breaks",
            Shape::Items(&BREAK),
            "when nobody is planned to work within it, such as at noon; none if left out",
        ),
    ],
};

static BREAK: Object = Object {
    name: "Break",
    about: "A part of a shift in which machines are not planned to work.",
    fields: &[
        Field::required("from", Shape::Line, "when it begins, such as \"12:00\""),
        Field::required("to", Shape::Line, "when it ends, such as \"13:00\""),
    ],
};

static MAINTENANCE: Object = Object {
    name: "Maintenance",
    about: "When machines are planned to be maintained.",
    fields: &[
        Field::required("from", Shape::Line, "when it begins, such as \"08:00\""),
        Field::required(
            "to",
            Shape::Line,
            "when it ends, up to \"24:00\"; before `from` if it goes over midnight",
        ),
        Field::optional(
            "days",
            Shape::OneOrMore(&Shape::Choice(&DAYS)),
            "days of the week on which it begins; without it and without `dates` every day",
        ),
        Field::optional(
            "dates",
            Shape::OneOrMore(&Shape::Date),
            "days on which it begins, in place of `days`: [2026-08-12, 2026-08-13]",
        ),
        Field::optional("machines", Shape::OneOrMore(&Shape::Id), "the machines; all if left out"),
    ],
};

static OPEN: Object = Object {
    name: "WorkingDay",
    about: "A day on which shifts begin, whatever their `days`.",
    fields: &[
        Field::required("day", Shape::Date, "the day"),
        Field::optional(
            "shifts",
            Shape::OneOrMore(&Shape::Id),
            "the shifts that begin on it, such as [early]; all if left out. Those of its day of the week begin anyway",
        ),
    ],
};

/// Days of the week.
pub(crate) const DAYS: [(&str, &str); 7] = [
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
];

static SOURCE: Object = Object {
    name: "Source",
    about: "Where readings come from.",
    fields: &[
        Field::required("id", Shape::Id, "its id"),
        Field::required(
            "kind",
            Shape::Choice(&[
                ("csv", "a table of values, one moment in each row"),
                ("shdr", "lines of an MTConnect adapter: time|name|value; over TCP with `address`"),
                ("mqtt", "topics of the broker at `address`; without one, of the broker that is built in"),
                ("http", "messages that are posted to the monitor: POST /in/SOURCE/TOPIC"),
                ("mtconnect", "an MTConnect agent"),
                ("echonet", "a device that speaks ECHONET Lite"),
                ("modbus", "a device that speaks Modbus TCP"),
                ("opc-ua", "an OPC UA server; needs a program with the feature `opc-ua`"),
                (
                    "nats",
                    "the JetStream stream `stream` of the NATS server at `address`; needs a program with the feature `nats`",
                ),
            ]),
            "what it is",
        ),
        Field::optional(
            "asset",
            Shape::Id,
            "the asset of the system document that it is, such as a gateway or a meter",
        ),
        Field::optional("time", Shape::Short(&TIME), "where the time of a row stands; a column's name"),
        Field::optional(
            "topic",
            Shape::Line,
            "the column of a table, or the path of a value in JSON or CSV messages, that tells of which machine a row or a message is: an input with `topic` takes those in which that stands",
        ),
        Field::optional(
            "item",
            Shape::Line,
            "of a table with one value in each row: the column of its name, which inputs `take`",
        ),
        Field::optional("value", Shape::Line, "of such a table: the column of the value"),
        Field::optional(
            "list",
            Shape::Line,
            "the path of a list inside messages of JSON whose elements count as a message each, such as data.machines; paths of `topic` and `take` begin in the element, and the time may stand beside the list",
        ),
        Field::optional("delimiter", Shape::Line, "what separates columns; found by itself if left out"),
        Field::optional(
            "decimal",
            Shape::Choice(&[("point", "1.5 and 1,800"), ("comma", "1,5 and 1.800,5")]),
            "how numbers are written; if left out as with `point`, but 1,800 is read only where it is sure to be no decimal comma",
        ),
        Field::optional("address", Shape::Line, "host and port of the broker, server or device"),
        Field::optional("stream", Shape::Line, "name of the JetStream stream of the NATS server"),
        Field::optional(
            "topics",
            Shape::OneOrMore(&Shape::Line),
            "topics that are asked for, with + and # as wildcards (subjects of NATS: * and >); all if left out",
        ),
        Field::optional(
            "ignore",
            Shape::OneOrMore(&Shape::Line),
            "topics of the broker, or values of `topic`, that no machine takes and that raise no alert `unknown-device`, with the same wildcards",
        ),
        Field::optional(
            "payload",
            Shape::Choice(&[
                ("json", "an object or a list of them; a value is named by its path, such as data.0.watts"),
                ("csv", "rows of values, named by `columns`"),
                ("plain", "one value, named value"),
                ("sparkplug", "Sparkplug B; the topic is group/node or group/node/device"),
            ]),
            "how a message is written; json if left out",
        ),
        Field::optional("columns", Shape::List(&Shape::Line), "names of the columns of messages in CSV"),
        Field::optional("user", Shape::Line, "user at the broker or server"),
        Field::optional("password", Shape::Object(&SECRET), "where the password stands"),
        Field::optional(
            "encryption",
            Shape::Choice(&[("tls", "TLS from the beginning")]),
            "how the connection to a broker, server or agent is encrypted; not at all if left out; needs a program with the feature `tls`",
        ),
        AUTHORITIES,
        Field::optional(
            "every",
            Shape::Number(0.05, 86_400.0),
            "seconds from one question to a device to the next; 1 if left out, 10 for ECHONET Lite",
        ),
        Field::optional("unit", Shape::Whole(0, 255), "number of the Modbus device; 1 if left out"),
        Field::optional("registers", Shape::Items(&REGISTER), "registers of the Modbus device"),
        Field::optional("nodes", Shape::Items(&NODE), "variables of the OPC UA server"),
        Field::optional(
            "object",
            Shape::Line,
            "class and instance of the ECHONET Lite device in hexadecimal; \"028801\" if left out",
        ),
        Field::optional(
            "channels",
            Shape::Whole(0, 252),
            "channels of an ECHONET Lite distribution board that are asked for; none if left out",
        ),
    ],
};

static GROUP: Object = Object {
    name: "Group",
    about: "Machines that share something. If several of them raise alerts at about the same time, the alert `together` says so and names what is likely behind it.",
    fields: &[
        Field::required("id", Shape::Id, "its id"),
        Field::optional("name", Shape::Text, "its name; the id if left out"),
        Field::optional(
            "asset",
            Shape::Id,
            "the asset of the system document that they share, such as a compressor or a switch",
        ),
        Field::required(
            "shares",
            Shape::Choice(&[
                ("power", "the power supply"),
                ("compressed-air", "compressed air"),
                ("coolant", "coolant"),
                ("network", "the network"),
                ("programs", "where their programs come from"),
                ("material", "the material"),
            ]),
            "what they share",
        ),
        Field::optional("machines", Shape::OneOrMore(&Shape::Id), "the machines; all if left out"),
        Field::optional(
            "alerts",
            Shape::OneOrMore(&Shape::Line),
            "alerts of the machines that count; all if left out",
        ),
        Field::optional(
            "least",
            Shape::Whole(2, 100_000),
            "how many of the machines must raise alerts; half of them if left out, two at least",
        ),
        Field::optional(
            "within",
            Shape::Number(0.0, YEAR),
            "within how many seconds of each other it must have begun; 600 if left out",
        ),
    ],
};

static OUTLET: Object = Object {
    name: "Outlet",
    about: "Where alerts go. What cannot be delivered is tried again; it never holds up the measuring.",
    fields: &[
        Field::required("id", Shape::Id, "its id"),
        Field::required(
            "kind",
            Shape::Choice(&[
                ("patlite", "a signal tower of PATLITE, by PNS commands over TCP"),
                ("patlite-http", "a signal tower of PATLITE, by HTTP commands"),
                ("webhook", "a server that takes JSON by POST at `path`"),
                ("mqtt", "the topic `topic` of an MQTT broker"),
                ("syslog", "a server for system logs (RFC 5424 over UDP)"),
                ("mail", "a mail server, from `sender` to `receivers`"),
            ]),
            "what it is",
        ),
        Field::required("address", Shape::Line, "host and port"),
        Field::optional(
            "alerts",
            Shape::OneOrMore(&Shape::Line),
            "the alerts that go there; all if left out",
        ),
        Field::optional(
            "language",
            Shape::Choice(&[("ja", "Japanese"), ("en", "English")]),
            "language of what people read; Japanese if left out",
        ),
        Field::optional(
            "product",
            Shape::Choice(&[("nh", "NH series"), ("la6", "LA6-POE")]),
            "kind of signal tower; nh if left out",
        ),
        Field::optional("path", Shape::Line, "path of the webhook; / if left out"),
        Field::optional(
            "body",
            Shape::Line,
            "the JSON that the webhook takes, with {title} and {text} in its texts; all that is known of the alert if left out",
        ),
        Field::optional(
            "token",
            Shape::Object(&SECRET),
            "where the token stands with which a webhook is asked (`Authorization: Bearer`), in place of a user",
        ),
        Field::optional("topic", Shape::Line, "topic of the broker"),
        Field::optional(
            "enterprise",
            Shape::Whole(1, u32::MAX),
            "your private enterprise number (IANA), for the structured data of a system log; 32473, that of examples, if left out",
        ),
        Field::optional("sender", Shape::Line, "address of the sender"),
        Field::optional("receivers", Shape::OneOrMore(&Shape::Line), "addresses of the receivers"),
        Field::optional("user", Shape::Line, "user at the broker, the webhook or the mail server"),
        Field::optional("password", Shape::Object(&SECRET), "where the password stands"),
        Field::optional(
            "encryption",
            Shape::Choice(&[
                ("tls", "TLS from the beginning"),
                ("starttls", "a mail server is asked to go over to TLS"),
            ]),
            "how the connection to a broker, a webhook or a mail server is encrypted; not at all if left out; needs a program with the feature `tls`",
        ),
        AUTHORITIES,
    ],
};

const AUTHORITIES: Field = Field::optional(
    "authorities",
    Shape::Line,
    "a file with certificates of authorities (PEM) that are trusted beside those of this computer, such as that of the plant",
);

static SECRET: Object = Object {
    name: "Secret",
    about: "Where a secret stands; it is read when the monitor starts.",
    fields: &[
        Field::optional("environment", Shape::Line, "in this variable of the environment"),
        Field::optional("file", Shape::Line, "in this file"),
    ],
};

static REGISTER: Object = Object {
    name: "Register",
    about: "A value in the registers of a Modbus device.",
    fields: &[
        Field::required("id", Shape::Id, "name of the value"),
        Field::required("at", Shape::Whole(0, 65_535), "address of its first register, from 0"),
        Field::optional(
            "form",
            Shape::Choice(&[
                ("u16", "one register, without sign"),
                ("i16", "one register, with sign"),
                ("u32", "two registers, without sign"),
                ("i32", "two registers, with sign"),
                ("f32", "two registers, floating point"),
                ("u64", "four registers, without sign"),
            ]),
            "how it is written; u16 if left out",
        ),
        Field::optional(
            "table",
            Shape::Choice(&[("holding", "holding registers"), ("input", "input registers")]),
            "where it stands; holding if left out",
        ),
        Field::optional(
            "words",
            Shape::Choice(&[
                ("high-first", "the higher register first"),
                ("low-first", "the lower one first"),
            ]),
            "order of several registers; high-first if left out",
        ),
        Field::optional("factor", Shape::Number(-1e12, 1e12), "what it is multiplied by; 1 if left out"),
    ],
};

static NODE: Object = Object {
    name: "Node",
    about: "A variable of an OPC UA server.",
    fields: &[
        Field::required("id", Shape::Id, "name of the value"),
        Field::required("node", Shape::Line, "its node id, such as ns=2;s=Press.Power or ns=3;i=1001"),
    ],
};

static TIME: Object = Object {
    name: "TimeColumn",
    about: "Where the time of a row stands.",
    fields: &[
        Field::optional(
            "column",
            Shape::OneOrMore(&Shape::Line),
            "the column; several are put together, such as that of the date and that of the time of day",
        ),
        Field::optional(
            "form",
            Shape::Choice(&[
                ("rfc3339", "2026-04-01T08:30:00Z, 2026/4/1 8:30, 20260401083000 and the like"),
                ("seconds", "seconds since 1970, or since `from`; 0:00:12.5 as well"),
                ("milliseconds", "milliseconds since 1970, or since `from`"),
                ("microseconds", "microseconds since 1970, or since `from`"),
                ("nanoseconds", "nanoseconds since 1970, or since `from`"),
                (
                    "time-of-day",
                    "08:30:05 or 10:05:03 PM without a date, from the day of `from` on and over midnight; recordings only",
                ),
            ]),
            "how it is written; rfc3339 if left out",
        ),
        Field::optional(
            "order",
            Shape::Choice(&[
                ("year-month-day", "22/10/26"),
                ("day-month-year", "26/10/2022 or 26.10.22"),
                ("month-day-year", "10/26/2022"),
            ]),
            "the order of day, month and year in dates that do not begin with a year of four digits; without it only 26.10.2022 is read",
        ),
        Field::optional(
            "every",
            Shape::Number(1e-6, YEAR),
            "seconds from row to row, where rows have no time",
        ),
        Field::optional(
            "from",
            Shape::Line,
            "the moment from which seconds or milliseconds count; the date of the first row, where times have none; the time of the first row, where rows have none",
        ),
    ],
};

static MACHINE: Object = Object {
    name: "Machine",
    about: "A machine.",
    fields: &[
        Field::required("id", Shape::Id, "its id"),
        Field::optional("name", Shape::Text, "its name; the id if left out"),
        Field::optional("asset", Shape::Id, "the asset of the system document that it is"),
        Field::optional(
            "cycle",
            Shape::Object(&CYCLE),
            "where its cycles begin and end; without it only how it stands is looked at, by `states`",
        ),
        Field::optional(
            "meter",
            Shape::Object(&METER),
            "its meter; without one only durations are looked at",
        ),
        Field::optional("key", Shape::Items(&KEY), "what makes a job: a reference for each combination"),
        Field::optional("learning", Shape::Object(&LEARNING), "how references are learnt"),
        Field::optional("tolerance", Shape::Object(&TOLERANCE), "how far a cycle may be off"),
        Field::optional("alerts", Shape::Object(&ALERTS), "when alerts are raised and cleared"),
        Field::optional("states", Shape::Object(&STATES), "how states are read for utilisation"),
        Field::optional(
            "shifts",
            Shape::OneOrMore(&Shape::Id),
            "the shifts of the plant which it works; all if left out",
        ),
        Field::optional(
            "silent-after",
            Shape::Number(0.0, YEAR),
            "seconds without a reading until the machine counts as silent; 0 never; 300 if left out, for machines \
             that only shdr, mtconnect and opc-ua tell of counted from a lost connection",
        ),
        Field::optional(
            "silent-outside-shifts",
            Shape::Bool,
            "whether silence raises an alert also when the machine is not planned to work; false if left out",
        ),
        Field::optional(
            "hold-back",
            Shape::Number(0.0, 3600.0),
            "seconds that readings are held back for late ones; 2 if left out",
        ),
        Field::required("input", Shape::Items(&INPUT), "which values of the sources say what"),
    ],
};

static CYCLE: Object = Object {
    name: "CycleRule",
    about: "Where cycles begin and end.",
    fields: &[
        Field::required(
            "by",
            Shape::Choice(&[
                ("events", "inputs tell start and end"),
                ("number", "an input tells the number of the running cycle"),
                ("running", "an input tells whether the program runs"),
                ("power", "power is at or above `on`, until it is below `off`"),
            ]),
            "how the bounds are known",
        ),
        Field::optional("on", Shape::Number(0.0, MOST_POWER), "power from which a cycle runs"),
        Field::optional(
            "off",
            Shape::Number(0.0, MOST_POWER),
            "power below which it has ended; `on` if left out",
        ),
        Field::optional(
            "pause",
            Shape::Number(0.0, YEAR),
            "seconds of pause that belong to a cycle; 0 if left out",
        ),
        Field::optional(
            "shortest",
            Shape::Number(0.0, YEAR),
            "seconds below which it is no cycle; 1 if left out",
        ),
        Field::optional(
            "longest",
            Shape::Number(0.0, YEAR),
            "seconds above which it is not reliable; 28800 if left out",
        ),
    ],
};

static METER: Object = Object {
    name: "Meter",
    about: "A meter.",
    fields: &[
        Field::required(
            "kind",
            Shape::Choice(&[("rate", "it tells power or another rate"), ("counter", "it counts")]),
            "what it tells",
        ),
        Field::optional("unit", Shape::Line, "unit of what a cycle takes; Wh if left out"),
        Field::optional(
            "per",
            Shape::Number(1e-9, 1e12),
            "seconds at rate 1 that make a quantity of 1; 3600 (W to Wh) if left out",
        ),
        Field::optional("rolls-over-at", Shape::Number(1e-9, 1e18), "value at which a counter begins anew"),
        Field::optional("accuracy", Shape::Number(0.0, 100.0), "how wrong it is, in percent; 1 if left out"),
        Field::optional(
            "most-gap",
            Shape::Number(1e-3, YEAR),
            "longest time between samples; 10 if left out",
        ),
        Field::optional(
            "fewest-samples",
            Shape::Number(0.0, 1e6),
            "samples that a cycle needs; 5 if left out",
        ),
        Field::optional(
            "offset",
            Shape::Number(-YEAR, YEAR),
            "seconds to add to its times so that they fit the machine's clock",
        ),
        Field::optional(
            "aligns",
            Shape::Bool,
            "add by itself what power shows of the two clocks, once it is clear",
        ),
        Field::optional(
            "most",
            Shape::Number(1e-9, 1e18),
            "a rate above it, or a counter that jumps by more, is a fault of the meter; 1e9 if left out",
        ),
    ],
};

static KEY: Object = Object {
    name: "KeyPart",
    about: "A part of what makes a job.",
    fields: &[
        Field::required("id", Shape::Id, "its id, such as program or feed"),
        Field::optional(
            "ignore",
            Shape::List(&Shape::Line),
            "values that do not count, such as a rapid feed",
        ),
    ],
};

static LEARNING: Object = Object {
    name: "Learning",
    about: "How references are learnt.",
    fields: &[
        Field::optional("cycles", Shape::Number(2.0, 1000.0), "cycles that must agree; 5 if left out"),
        Field::optional(
            "window",
            Shape::Number(2.0, 10_000.0),
            "healthy cycles behind a reference; 20 if left out",
        ),
        Field::optional(
            "adapts",
            Shape::Bool,
            "whether a reference follows healthy cycles; true if left out",
        ),
        Field::optional(
            "approval",
            Shape::Bool,
            "whether a person must approve a reference; false if left out",
        ),
        Field::optional(
            "change-over",
            Shape::Number(0.0, YEAR),
            "seconds of pause that make a change-over; 900 if left out",
        ),
        Field::optional(
            "set-up-cycles",
            Shape::Number(0.0, 1000.0),
            "first cycles of a job, after another one and such a pause, that may be slower without an alert; 1 if left out",
        ),
    ],
};

static TOLERANCE: Object = Object {
    name: "Tolerance",
    about: "How far a cycle may be off, in percent of the reference. `auto` follows each job: 4 times as far as \
            its last healthy cycles lie apart, or 1.2 times what nearly all are off by, at least 6 and at most 15; 15 until \
            twenty are known.",
    fields: &[
        Field::optional(
            "duration",
            Shape::NumberOr(0.0, 1000.0, AUTO),
            "of the duration, or `auto`; 15 if left out, 0 does not look",
        ),
        Field::optional(
            "quantity",
            Shape::NumberOr(0.0, 1000.0, AUTO),
            "of the quantity, or `auto`; 15 if left out, 0 does not look",
        ),
        Field::optional(
            "jobs",
            Shape::List(&Shape::Object(&JOB_TOLERANCE)),
            "jobs that may be off by more or less than the others; the first one that fits counts",
        ),
    ],
};

static JOB_TOLERANCE: Object = Object {
    name: "JobTolerance",
    about: "How far the cycles of a job may be off, in percent of the reference.",
    fields: &[
        Field::required(
            "key",
            Shape::OneOrMore(&Shape::Line),
            "its values, in the order of the machine's `key`; `*` stands for any",
        ),
        Field::optional(
            "duration",
            Shape::NumberOr(0.0, 1000.0, AUTO),
            "of the duration, or `auto`; as for the other jobs if left out, 0 does not look",
        ),
        Field::optional(
            "quantity",
            Shape::NumberOr(0.0, 1000.0, AUTO),
            "of the quantity, or `auto`; as for the other jobs if left out, 0 does not look",
        ),
    ],
};

static ALERTS: Object = Object {
    name: "Alerts",
    about: "When alerts are raised and cleared.",
    fields: &[
        Field::optional(
            "raise-after",
            Shape::Number(1.0, 1000.0),
            "cycles outside in a row, or of the last `within`; 1 if left out",
        ),
        Field::optional(
            "within",
            Shape::Number(1.0, 64.0),
            "of how many cycles `raise-after` must be outside; in a row if left out",
        ),
        Field::optional("clear-after", Shape::Number(1.0, 1000.0), "healthy cycles in a row; 3 if left out"),
        Field::optional(
            "drift",
            Shape::Number(0.1, 1000.0),
            "mean deviation, in percent, from which cycles drift; half the tolerance if left out, 7.5 where it is \
             `auto`",
        ),
    ],
};

static STATES: Object = Object {
    name: "States",
    about: "How states are read for utilisation.",
    fields: &[
        Field::required(
            "by",
            Shape::Choice(&[
                ("cycles", "the machine produces while a cycle runs"),
                ("power", "by the thresholds below"),
                ("told", "an input tells them"),
                ("lamp", "by the signal tower on the machine, which inputs tell"),
            ]),
            "how they are known",
        ),
        Field::optional("idle", Shape::Number(0.0, MOST_POWER), "power from which the machine is on"),
        Field::optional("producing", Shape::Number(0.0, MOST_POWER), "power from which it produces"),
        Field::optional("most", Shape::Number(0.0, MOST_POWER), "power above which something is wrong"),
        Field::optional(
            "hold",
            Shape::Number(0.0, 3_600.0),
            "a light that is neither lit nor dark for longer than so many seconds flashes, and counts as lit; 3 if left out",
        ),
        Field::optional(
            "red-after",
            Shape::Number(0.0, 86_400.0),
            "seconds for which the red light is lit or flashes before an alert is raised; 60 if left out, 0 raises none",
        ),
        Field::optional(
            "learns",
            Shape::Bool,
            "whether what the machine draws in each state is learnt, and something else raises an alert; true if left out",
        ),
    ],
};

static INPUT: Object = Object {
    name: "Input",
    about: "Values of a source, and what they say.",
    fields: &[
        Field::required("from", Shape::Ref("sources"), "the source"),
        Field::optional(
            "topic",
            Shape::Line,
            "the topic that it comes on, or what stands where `topic` of the source says; if left out, that on which the value comes first",
        ),
        Field::required("take", Shape::OneOrMore(&Shape::Line), "name of the value; several are added up"),
        Field::required(
            "is",
            Shape::Choice(&[
                ("power", "power or another rate"),
                ("counter", "a counter"),
                ("start", "a cycle begins, at the words of `when`"),
                ("end", "a cycle ends, at the words of `when`"),
                ("number", "number of the running cycle"),
                ("running", "the program runs, at the words of `when` or at all but those of `except`"),
                ("state", "producing, idle or off, by the words below"),
                ("key", "a part of the job"),
                ("set-up", "the machine is being set up, at the words of `when`"),
                (
                    "hold",
                    "the running program is held, at the words of `when`: its cycle goes on and is judged without that time, and where \
                     states are those of cycles the machine is idle meanwhile",
                ),
                (
                    "lamp",
                    "a light of the signal tower on the machine: a number that is at or above `on` where it is lit, or on and off",
                ),
            ]),
            "what it says",
        ),
        Field::optional("part", Shape::Id, "for a key: which part"),
        Field::optional(
            "light",
            Shape::Choice(&[
                ("green", "the machine works"),
                ("amber", "it waits for somebody or something"),
                ("red", "it has stopped since something is wrong"),
            ]),
            "for a light of a signal tower: which one",
        ),
        Field::optional(
            "on",
            Shape::Number(-1e12, 1e12),
            "for a light of a signal tower: from which value on it is lit; 0.5 if left out",
        ),
        Field::optional("when", Shape::OneOrMore(&Shape::Line), "words for which it is so"),
        Field::optional("except", Shape::OneOrMore(&Shape::Line), "words for which it is not so"),
        Field::optional("producing", Shape::OneOrMore(&Shape::Line), "words for a machine that produces"),
        Field::optional("off", Shape::OneOrMore(&Shape::Line), "words for a machine that is off"),
        Field::optional(
            "unknown",
            Shape::OneOrMore(&Shape::Line),
            "words for a machine of which nothing is known",
        ),
        Field::optional(
            "factor",
            Shape::Number(-1e12, 1e12),
            "what numbers are multiplied by; 1 if left out",
        ),
        Field::optional("absolute", Shape::Bool, "whether the sign of numbers is dropped; false if left out"),
    ],
};
