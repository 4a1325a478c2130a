//! The shape of a money file: the numbers of one organization.

use Shape::{Bool, Choice, Id, Items, Line, List, Number, Short, Text};
use anshin_catalog::{CostCategory, CostPer, CostWhen};
use anshin_model::shape::{Object, Shape, optional, required};
use anshin_simulate::{MOST_FREQUENT, MOST_MONEY};

/// The version of the format that this program writes and reads.
pub const VERSION: &str = "1";

const MONEY: Shape = Number(0.0, MOST_MONEY);

/// The whole file.
pub static MONEY_FILE: Object = Object {
    name: "money",
    about: "The numbers of one organization, to turn risk into money.",
    fields: &[
        required(
            "anshin-money",
            Choice(&[("1", "the first version of the format")]),
            "Version of the format.",
        ),
        optional("organization", Line, "The stakeholder whose money it is; the lead if left out."),
        optional("currency", Line, "Currency of all amounts, three letters (JPY if left out)."),
        optional("business", Shape::Object(&BUSINESS), "A few numbers about the business."),
        optional("bad-year", Choice(BAD_YEARS), "The bad year to be ready for (100 if left out)."),
        optional("posture", Shape::Object(&POSTURE), "How the organization stands to IT and security."),
        optional(
            "costs",
            Items(&COST),
            "Costs of an incident: your own, or other amounts for those of the catalog.",
        ),
        optional(
            "levels",
            Shape::Object(&LEVELS),
            "What an incident of each level of the economic axis costs you.",
        ),
        optional(
            "frequencies",
            List(&Shape::Object(&FREQUENCY)),
            "How often to expect incidents of each class of likelihood.",
        ),
        optional(
            "scenarios",
            List(&Shape::Object(&SCENARIO)),
            "Your own numbers for single scenarios, and scenarios of your own.",
        ),
        optional("measures", Items(&MEASURE), "What measures cost and do."),
        optional("insurance", Items(&POLICY), "Insurance policies, in place or considered."),
    ],
};

const BAD_YEARS: &[(&str, &str)] = &[
    ("10", "a year as bad as one in 10"),
    ("20", "a year as bad as one in 20"),
    ("100", "a year as bad as one in 100"),
    ("200", "a year as bad as one in 200"),
];

static BUSINESS: Object = Object {
    name: "business",
    about: "A few numbers about the business.",
    fields: &[
        optional("turnover", MONEY, "Turnover of a year."),
        optional("person-day", MONEY, "What a day of work of one's own people costs."),
        optional(
            "profit-per-day",
            MONEY,
            "Profit that a day of standstill costs: sales less what is not spent then.",
        ),
        optional(
            "emergency-cash",
            MONEY,
            "What can be paid in an emergency without endangering the business.",
        ),
        optional("people", Number(0.0, 1e9), "People whose data the organization keeps."),
        optional("units", Number(0.0, 1e9), "Devices in the field that a recall would reach."),
        optional("people-hurt", Number(0.0, 1e5), "People whom one accident would hurt."),
        optional("security-spending", MONEY, "What is spent on security in a year today."),
    ],
};

static POSTURE: Object = Object {
    name: "posture",
    about: "How the organization stands to IT and security.",
    fields: &[
        required(
            "it",
            Choice(&[
                ("strategic", "IT is a part of the business strategy"),
                ("supporting", "IT is used, but not a part of the strategy"),
                ("restricted", "security rules keep IT from being used where it would help"),
                ("none", "IT is not used"),
            ]),
            "What IT is to the business.",
        ),
        required(
            "security",
            Choice(&[
                ("pursued", "the management strives for a high level"),
                ("understood", "its need is understood"),
                ("not-understood", "its need is not understood"),
                ("no-means", "people or money for it are lacking"),
            ]),
            "What security is to the management.",
        ),
    ],
};

/// A number, a 90 % interval, or least, likeliest and most.
static AMOUNT: Object = Object {
    name: "amount",
    about: "An amount: a plain number, `low` and `high` of a 90 % interval, or `least`, `likely` and `most`.",
    fields: &[
        optional("is", MONEY, "Always this amount; may be written without the key."),
        optional("low", MONEY, "5 of 100 cases are below."),
        optional("high", MONEY, "5 of 100 cases are above."),
        optional("least", MONEY, "No case is below."),
        optional("likely", MONEY, "The likeliest."),
        optional("most", MONEY, "No case is above."),
        optional("spread", Choice(SPREADS), "How the values lie."),
    ],
};

/// The same for times a year.
static TIMES: Object = Object {
    name: "times",
    about: "Times a year: a plain number, `low` and `high` of a 90 % interval, or `least`, `likely` and `most`.",
    fields: &[
        optional("is", TIMES_A_YEAR, "Exactly so often on average; may be written without the key."),
        optional("low", TIMES_A_YEAR, "With a chance of 5 in 100 it is less."),
        optional("high", TIMES_A_YEAR, "With a chance of 5 in 100 it is more."),
        optional("least", TIMES_A_YEAR, "It is not less."),
        optional("likely", TIMES_A_YEAR, "The likeliest."),
        optional("most", TIMES_A_YEAR, "It is not more."),
        optional("spread", Choice(SPREADS), "How the values lie."),
    ],
};

const TIMES_A_YEAR: Shape = Number(0.0, MOST_FREQUENT);

const SPREADS: &[(&str, &str)] = &[
    ("lognormal", "now and then far above; for low and high"),
    ("uniform", "all alike between low and high"),
    ("pert", "smooth around the likeliest; for least, likely and most"),
    ("triangular", "in straight lines to the likeliest; for least, likely and most"),
];

static COST: Object = Object {
    name: "cost",
    about: "A cost of an incident. With the id of an entry of the catalog it changes that entry.",
    fields: &[
        required("id", Id, "Identifier: an entry of `anshin catalog list cost-items`, or your own."),
        optional("name", Text, "Its name."),
        optional("amount", Short(&AMOUNT), "The amount."),
        optional("category", Choice(CostCategory::WORDS), "What it is for (other if left out)."),
        optional("when", Choice(CostWhen::WORDS), "In which incidents it occurs (any if left out)."),
        optional("per", Choice(CostPer::WORDS), "What the amount is counted by (event if left out)."),
        optional("chance", Number(0.0, 1.0), "How often it occurs in such an incident (1 if left out)."),
        optional("off", Bool, "Leave it out."),
    ],
};

static LEVELS: Object = Object {
    name: "levels",
    about: "What an incident of each level of the economic axis costs you.",
    fields: &[
        optional("limited", Short(&AMOUNT), "A limited economic effect."),
        optional("serious", Short(&AMOUNT), "A serious economic effect."),
        optional("catastrophic", Short(&AMOUNT), "A catastrophic economic effect."),
    ],
};

static FREQUENCY: Object = Object {
    name: "frequency",
    about: "How often to expect incidents of a class of likelihood.",
    fields: &[
        required("class", Id, "The class of likelihood."),
        required("per-year", Short(&TIMES), "Times a year, all scenarios of the class together."),
    ],
};

static SCENARIO: Object = Object {
    name: "scenario",
    about: "Your own numbers for a scenario.",
    fields: &[
        required("scenario", Line, "Its id as `anshin quantify` shows it, or a new one."),
        optional("name", Text, "The name of a scenario of your own."),
        optional("per-year", Short(&TIMES), "Times a year."),
        optional("loss", Short(&AMOUNT), "What one incident costs."),
        optional(
            "costs",
            List(&Shape::Object(&PART)),
            "What one incident costs, part by part, in place of `loss`.",
        ),
        optional("off", Bool, "Leave it out."),
    ],
};

static PART: Object = Object {
    name: "part",
    about: "A part of what an incident costs.",
    fields: &[
        required("category", Choice(CostCategory::WORDS), "What it is for."),
        required("amount", Short(&AMOUNT), "The amount."),
        optional("chance", Number(0.0, 1.0), "How often it occurs in such an incident (1 if left out)."),
    ],
};

static MEASURE: Object = Object {
    name: "money-measure",
    about: "What a measure costs and does.",
    fields: &[
        required("id", Id, "A planned measure of the document, or one of your own."),
        optional("name", Text, "Its name, if it is your own."),
        optional("cost", MONEY, "What it costs once."),
        optional("cost-per-year", MONEY, "What it costs each year."),
        optional("years", Number(1.0, 50.0), "Years over which the single cost is spread (3 if left out)."),
        optional("prevents", Number(0.0, 1.0), "Share of incidents that it keeps from happening."),
        optional("softens", Number(0.0, 1.0), "Share of the loss that it saves in those that happen."),
        optional("scenarios", List(&Line), "Scenarios that it works on; all if left out."),
    ],
};

static POLICY: Object = Object {
    name: "policy",
    about: "An insurance policy.",
    fields: &[
        required("id", Id, "Identifier of the policy."),
        optional("name", Text, "Its name."),
        optional(
            "status",
            Choice(&[("in-place", "taken out"), ("considered", "not taken out yet")]),
            "Whether it is taken out (considered if left out).",
        ),
        optional(
            "cyber",
            Choice(&[
                ("included", "cyber incidents are covered"),
                ("silent", "the terms neither include nor exclude them"),
                ("excluded", "cyber incidents are not covered"),
            ]),
            "What its terms say about cyber incidents (included if left out).",
        ),
        required("premium", MONEY, "Premium of a year."),
        optional("deductible", MONEY, "What you bear of each incident (0 if left out)."),
        optional("pays", Number(0.0, 1.0), "Share of the rest that it pays (1 if left out)."),
        optional("limit", MONEY, "The most that it pays for an incident."),
        optional("limit-per-year", MONEY, "The most that it pays in a year."),
        optional(
            "covers",
            List(&Choice(CostCategory::WORDS)),
            "Categories of cost that it covers; all if left out.",
        ),
        optional("excludes", List(&Line), "Scenarios that it does not cover."),
    ],
};
