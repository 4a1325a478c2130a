//! The format of the system document as a [`Shape`].

use crate::shape::{Object, Shape, optional, required};
use Shape::{Bool, Choice, Date, Id, Items, Known, Line, List, Number, OneOrMore, Ref, Short, Text};

/// The version of the format that this program writes and reads.
pub const VERSION: &str = "1";

/// The whole document.
pub static DOCUMENT: Object = Object {
    name: "document",
    about: "A system described as facts, and what people decided about the program's proposals.",
    fields: &[
        required("anshin", Choice(&[("1", "the first version of the format")]), "Version of the format."),
        optional("from", Line, "Template that this document starts from: a file relative to this one."),
        optional("include", OneOrMore(&Line), "Further files of this document, relative to this one."),
        required("system", Shape::Object(&SYSTEM), "What the assessment is about."),
        required(
            "stakeholders",
            Items(&STAKEHOLDER),
            "Who provides, develops, uses or is exposed to the system.",
        ),
        optional("zones", Items(&ZONE), "Places and network segments."),
        required("assets", Items(&ASSET), "Devices, servers, services and applications."),
        optional("data", Items(&DATA), "Kinds of information that are stored or carried."),
        optional("links", Items(&LINK), "Connections between assets."),
        optional("flows", Items(&FLOW), "Ways that data takes over links."),
        optional("subsystems", Items(&SUBSYSTEM), "Parts that are rated apart."),
        optional("targets", Shape::Object(&TARGETS), "The highest levels that the lead accepts."),
        optional(
            "incidents",
            Items(&INCIDENT),
            "Incidents you think of, beside those that the program proposes.",
        ),
        optional("measures", Items(&MEASURE), "Measures in place, planned or refused."),
        optional("decisions", List(&Shape::Object(&DECISION)), "Decisions about proposals."),
        optional(
            "acceptances",
            List(&Shape::Object(&ACCEPTANCE)),
            "Risk that stays and that somebody accepts for a time.",
        ),
    ],
};

static SYSTEM: Object = Object {
    name: "system",
    about: "Name, purpose and setting of the system.",
    fields: &[
        required("id", Id, "Identifier of the system."),
        required("name", Text, "Name of the system."),
        optional("purpose", Shape::Object(&PURPOSE), "The purpose by six questions."),
        required(
            "setting",
            Choice(&[
                ("household", "private persons at home"),
                ("business", "organizations at work"),
                ("public", "anybody in public space"),
            ]),
            "Who uses the system and where.",
        ),
        optional(
            "criticality",
            Choice(&[
                ("ordinary", "its own users depend on it"),
                ("supply-chain", "other companies' supply depends on it"),
                ("critical-infrastructure", "society depends on it, or its accidents reach the surroundings"),
            ]),
            "How much depends on the system (ordinary if left out).",
        ),
        optional(
            "stage",
            Choice(&[
                ("planning", "planned or being designed"),
                ("development", "being built"),
                ("operation", "in use"),
            ]),
            "How far the life of the system has got (planning if left out).",
        ),
    ],
};

static PURPOSE: Object = Object {
    name: "purpose",
    about: "The purpose of the system by six questions.",
    fields: &[
        optional("why", Text, "What value it gives."),
        optional("who", Text, "Who uses it."),
        optional("what", Text, "What it does."),
        optional("when", Text, "When it is used."),
        optional("where", Text, "Where it stands."),
        optional("how", Text, "How it works."),
    ],
};

static STAKEHOLDER: Object = Object {
    name: "stakeholder",
    about: "A person or organization that has to do with the system.",
    fields: &[
        required("id", Id, "Identifier of the stakeholder."),
        required("name", Text, "Name of the stakeholder."),
        required(
            "role",
            Choice(&[
                ("developer", "designs and makes"),
                ("provider", "delivers, installs, operates or maintains for others"),
                ("user", "uses"),
                ("third-party", "is nearby"),
            ]),
            "Role of the stakeholder.",
        ),
        optional("lead", Bool, "Carries out this assessment; true for exactly one."),
        optional("person", Bool, "A private person."),
        optional(
            "expertise",
            Choice(&[
                ("none", "neither computers nor plant"),
                ("it", "computers"),
                ("ot", "plant and machines"),
                ("security", "security"),
            ]),
            "What its people know (none for private persons if left out).",
        ),
        optional(
            "reach",
            Choice(&[
                ("one", "this system only"),
                ("several", "a handful of customers"),
                ("many", "a market"),
            ]),
            "How many customers have the same product or service from it (one if left out).",
        ),
        optional(
            "duties",
            List(&Choice(&[
                ("installs", "installs and sets up"),
                ("advises", "sells, tells and answers questions"),
                ("supports", "helps users in operation"),
            ])),
            "What else it does for the system.",
        ),
        optional("depends-on", Shape::Object(&DEPENDENCE), "What of it depends on the system."),
    ],
};

static DEPENDENCE: Object = Object {
    name: "dependence",
    about: "What of a stakeholder stands still when the system does.",
    fields: &[
        required(
            "service",
            Choice(&[
                ("daily-life", "something of daily life"),
                ("side-business", "something at the side"),
                ("core-business", "what the stakeholder lives on"),
                ("livelihood", "a private person's living"),
            ]),
            "What stands still.",
        ),
        optional(
            "substitute",
            Choice(&[("yes", "fully"), ("partly", "in part"), ("no", "not at all")]),
            "Whether something else can take its place (partly if left out).",
        ),
        optional(
            "restore",
            Choice(&[
                ("hours", "within a day"),
                ("days", "within a week"),
                ("weeks", "within a month"),
                ("months", "within a year"),
                ("years", "longer"),
            ]),
            "How long until it works again (days if left out).",
        ),
        optional(
            "outside",
            Choice(&[
                ("none", "nobody"),
                ("customers", "its own customers"),
                ("supply-chain", "companies further along the supply chain"),
                ("area", "people and businesses of an area"),
                ("society", "society"),
            ]),
            "Whom else the standstill hits (none if left out).",
        ),
    ],
};

static ZONE: Object = Object {
    name: "zone",
    about: "A place or a network segment.",
    fields: &[
        required("id", Id, "Identifier of the zone."),
        optional("name", Text, "Name of the zone; the kind's name if left out."),
        required("kind", Known("zone-kinds"), "Kind of the zone."),
        optional("within", Ref("zones"), "The zone that it is part of."),
    ],
};

static ASSET: Object = Object {
    name: "asset",
    about: "A device, server, network device, terminal, cloud service or application.",
    fields: &[
        required("id", Id, "Identifier of the asset."),
        required("name", Text, "Name of the asset."),
        required("kind", Known("asset-kinds"), "Kind of the asset; brings traits and hazards."),
        optional("zone", Ref("zones"), "Where it stands."),
        optional("traits", List(&Known("traits")), "Traits beside those of its kind."),
        optional("without", List(&Known("traits")), "Traits of its kind that it does not have."),
        optional("stores", List(&Ref("data")), "Data that it keeps."),
        optional("made-by", Ref("stakeholders"), "Who makes it."),
        optional("operated-by", Ref("stakeholders"), "Who operates it."),
        optional("maintained-by", Ref("stakeholders"), "Who maintains it."),
        optional("updated-by", Ref("stakeholders"), "Who delivers its software updates."),
        optional(
            "hazards",
            List(&Shape::Object(&HAZARD)),
            "How it can hurt people; the kind's hazards if left out.",
        ),
        optional("safeguards", List(&Known("safeguards")), "What keeps it from hurting people."),
    ],
};

static HAZARD: Object = Object {
    name: "hazard",
    about: "A way in which an asset can hurt people.",
    fields: &[
        required("kind", Known("hazards"), "Kind of the hazard."),
        required(
            "worst",
            Choice(&[
                ("minor-injury", "heals by itself or with first aid"),
                ("serious-injury", "needs a doctor, or leaves traces"),
                ("death", "costs life"),
            ]),
            "The worst harm.",
        ),
        optional("to", List(&Ref("stakeholders")), "Whom; who operates the asset if left out."),
        optional("unlikely", Bool, "The worst harm needs several unlikely things at once."),
    ],
};

static DATA: Object = Object {
    name: "data",
    about: "A kind of information.",
    fields: &[
        required("id", Id, "Identifier of the data."),
        optional("name", Text, "Name of the data; the kind's name if left out."),
        required("kind", Known("data-kinds"), "Kind of the data."),
        optional("subject", OneOrMore(&Ref("stakeholders")), "Whose personal data it is."),
        optional("owner", Ref("stakeholders"), "Whose secret it is."),
        optional(
            "sensitivity",
            Choice(&[
                ("low", "a leak is a light breach of privacy"),
                ("high", "a leak is a grave breach of privacy"),
            ]),
            "How grave a leak is for its subject, when other than the kind says.",
        ),
    ],
};

static LINK: Object = Object {
    name: "link",
    about: "A connection over which two assets talk.",
    fields: &[
        optional("id", Id, "Identifier of the link; `from--to` if left out."),
        required("from", Ref("assets"), "The asset that starts."),
        required("to", Ref("assets"), "The asset at the other end."),
        optional("through", List(&Ref("assets")), "Assets in between that forward."),
        optional("over", Known("media"), "Medium of the link."),
        optional("protocol", Known("protocols"), "Protocol of the link."),
        optional("carries", List(&Ref("data")), "Data that it carries."),
        optional(
            "protections",
            List(&Choice(&[
                ("encrypted", "its content cannot be read or changed on the way"),
                ("authenticated", "both ends know whom they talk to"),
                ("allow-listed", "only what is on a list gets through"),
                ("one-way", "data goes one way only"),
            ])),
            "How it is protected.",
        ),
    ],
};

static FLOW: Object = Object {
    name: "flow",
    about: "A way that data takes.",
    fields: &[
        required("id", Id, "Identifier of the flow."),
        optional("name", Text, "Name of the flow."),
        required("steps", List(&Short(&STEP)), "The links in order."),
    ],
};

static STEP: Object = Object {
    name: "step",
    about: "One step of a flow.",
    fields: &[
        required("link", Ref("links"), "The link that the data takes."),
        optional("does", Text, "What happens."),
    ],
};

static SUBSYSTEM: Object = Object {
    name: "subsystem",
    about: "A part of the system that is rated apart.",
    fields: &[
        required("id", Id, "Identifier of the part."),
        required("name", Text, "Name of the part."),
        required("assets", List(&Ref("assets")), "What belongs to it."),
        required("rated-by", List(&Ref("stakeholders")), "Whose view it is rated in."),
    ],
};

static TARGETS: Object = Object {
    name: "targets",
    about: "The highest levels that the lead accepts.",
    fields: &[
        optional("recovery", Choice(RECOVERY), "Highest level on the recovery axis (limited if left out)."),
        optional("economic", Choice(ECONOMIC), "Highest level on the economic axis (limited if left out)."),
    ],
};

const RECOVERY: &[(&str, &str)] = &[
    ("limited", "light injuries, light breaches of privacy"),
    ("serious", "serious injuries, grave breaches of privacy"),
    ("critical", "loss of life"),
];

const ECONOMIC: &[(&str, &str)] = &[
    ("limited", "daily life and business go on"),
    ("serious", "daily life or core business is interrupted, or a large recall is due"),
    ("catastrophic", "a supply chain, an area or society is hit for long, without a substitute"),
];

static INCIDENT: Object = Object {
    name: "incident",
    about: "An incident that you think of.",
    fields: &[
        required("id", Id, "Identifier of the incident."),
        required("asset", Ref("assets"), "The asset where it starts."),
        required("threat", Known("threats"), "The threat that causes it."),
        required("what", Text, "What happens."),
        optional("result", Text, "What comes of it."),
    ],
};

static MEASURE: Object = Object {
    name: "measure",
    about: "A measure that somebody takes, will take or will not take.",
    fields: &[
        required("id", Id, "Identifier of the measure."),
        required("requirement", Known("requirements"), "The requirement that it meets."),
        optional("measure", Known("measures"), "The measure of the catalog, if it is one."),
        optional("name", Text, "Its name, if it is your own."),
        required("by", Ref("stakeholders"), "Who takes it."),
        optional("on", List(&Ref("assets")), "On which assets; on all if left out."),
        required(
            "status",
            Choice(&[("in-place", "done"), ("planned", "decided"), ("refused", "will not be done")]),
            "How far it is.",
        ),
        optional("until", Date, "Until when."),
        optional("cost", Number(0.0, 1e15), "What it costs once, in your currency."),
        optional("cost-per-year", Number(0.0, 1e15), "What it costs in each year, in your currency."),
        optional("days", Number(0.0, 1e5), "Person-days of work that it takes."),
        optional("by-law", Bool, "The law demands it: it is not up for choice."),
        optional("evidence", Text, "What shows that it is done."),
        optional("note", Text, "Why, if it is refused; anything else worth knowing."),
    ],
};

static DECISION: Object = Object {
    name: "decision",
    about: "What a person decided about a proposal.",
    fields: &[
        required(
            "subject",
            Line,
            "The proposal: `rating/STAKEHOLDER/AXIS`, `threat/ASSET/THREAT`, `requirement/ID` or `implementer/REQUIREMENT`.",
        ),
        required(
            "decide",
            Choice(&[
                ("accept", "the proposal stands"),
                ("reject", "the proposal does not stand"),
                ("override", "`value` takes its place"),
            ]),
            "What was decided.",
        ),
        optional("value", Line, "What takes the place of the proposal: a level, or the id of a stakeholder."),
        required("reason", Text, "Why."),
        required("by", Line, "Who decided."),
        optional("date", Date, "When."),
        optional(
            "seen",
            Line,
            "Fingerprint of the proposal's facts when the decision was made (from `anshin explain`).",
        ),
    ],
};

static ACCEPTANCE: Object = Object {
    name: "acceptance",
    about: "Risk that stays after all measures and that somebody accepts for a time.",
    fields: &[
        required(
            "scenario",
            Line,
            "The scenario: `ASSET/CONSEQUENCE/STAKEHOLDER`, as `anshin paths` shows it.",
        ),
        required("by", Line, "Who accepts it."),
        required("until", Date, "The last day on which that holds."),
        required("reason", Text, "Why."),
    ],
};
