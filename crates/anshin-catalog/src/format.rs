//! The format of catalog files as a [`Shape`].

use Shape::{Bool, Choice, Id, Items, Line, List, Number, OneOrMore, Ref, Text};
use anshin_model::shape::{Field, Object, Shape};

const fn required(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field::required(name, shape, about)
}

const fn optional(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field::optional(name, shape, about)
}

const ID: Field = required("id", Id, "Identifier of the entry.");
const NAME: Field = required("name", Text, "Name, Japanese and English.");
const ABOUT: Field = required("about", Text, "What it is, in one or two sentences.");
const SOURCE: Field =
    required("source", OneOrMore(&Line), "Where it comes from: id of a source, then the place in it.");
const BASIS: Field = required("basis", Choice(BASES), "How sure it is.");
const ALL: Field = optional("all", List(&Line), "Facts that must all hold.");
const ANY: Field = optional("any", List(&Line), "Facts of which one must hold.");
const NONE: Field = optional("none", List(&Line), "Facts of which none may hold.");

const BASES: &[(&str, &str)] = &[
    ("stated", "the source says it"),
    ("derived", "it follows from the source"),
    ("own", "our own judgement"),
];

const HARM: &[(&str, &str)] = &[
    ("minor-injury", "heals by itself or with first aid"),
    ("serious-injury", "needs a doctor, or leaves traces"),
    ("death", "costs life"),
];

/// A whole catalog: the sections of all files together.
pub static CATALOG: Object = Object {
    name: "catalog",
    about: "Knowledge about IoT systems, threats and measures.",
    fields: &[
        required(
            "anshin-catalog",
            Choice(&[("1", "the first version of the format")]),
            "Version of the format.",
        ),
        optional("sources", Items(&SOURCES), "Documents that entries come from."),
        optional("traits", Items(&NAMED), "Properties that an asset can have."),
        optional("asset-kinds", Items(&ASSET_KIND), "Kinds of assets, in a hierarchy."),
        optional("zone-kinds", Items(&ZONE_KIND), "Kinds of places and network segments."),
        optional("media", Items(&MEDIUM), "What links go over."),
        optional("protocols", Items(&PROTOCOL), "What links speak."),
        optional("data-kinds", Items(&DATA_KIND), "Kinds of information, in a hierarchy."),
        optional("hazards", Items(&HAZARD), "Ways in which things hurt people."),
        optional("safeguards", Items(&SAFEGUARD), "What keeps things from hurting people."),
        optional("entry-points", Items(&ENTRY_POINT), "Ways into a system."),
        optional("facts", Items(&FACT), "Facts that the program derives."),
        optional("threats", Items(&THREAT), "Threats."),
        optional("threat-rules", Items(&THREAT_RULE), "From facts about an asset to a threat."),
        optional("requirements", Items(&REQUIREMENT), "Requirements of the framework's annex A."),
        optional("requirement-rules", Items(&REQUIREMENT_RULE), "From threats and facts to a requirement."),
        optional("measures", Items(&MEASURE), "Concrete measures that meet a requirement."),
        optional("rubric", Items(&RUBRIC), "From facts about a stakeholder to a level on an axis."),
        optional("policies", Items(&POLICY), "Directions for stakeholders outside the target."),
        optional("priority-rules", Items(&PRIORITY_RULE), "From facts to the assets to begin with."),
    ],
};

static SOURCES: Object = Object {
    name: "source",
    about: "A document that entries come from.",
    fields: &[
        ID,
        required("title", Text, "Title of the document."),
        required("publisher", Text, "Who published it."),
        optional("about", Text, "What it is about."),
        optional("edition", Line, "Edition or date."),
    ],
};

static NAMED: Object =
    Object { name: "trait", about: "A property of an asset.", fields: &[ID, NAME, ABOUT, SOURCE, BASIS] };

static ASSET_KIND: Object = Object {
    name: "asset-kind",
    about: "A kind of asset.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        optional(
            "parent",
            Ref("asset-kinds"),
            "The kind above it; the dotted id without its last part if left out.",
        ),
        optional("traits", List(&Ref("traits")), "Traits that it brings, beside those of its parent."),
        optional("without", List(&Ref("traits")), "Traits of its parent that it does not have."),
        optional("hazards", List(&Shape::Object(&KIND_HAZARD)), "How it hurts people when it misbehaves."),
        required("icon", Choice(ICONS), "Picture for diagrams."),
    ],
};

const ICONS: &[(&str, &str)] = &[
    ("sensor", ""),
    ("camera", ""),
    ("actuator", ""),
    ("machine", ""),
    ("robot", ""),
    ("vehicle", ""),
    ("drone", ""),
    ("controller", ""),
    ("terminal", ""),
    ("phone", ""),
    ("server", ""),
    ("cloud", ""),
    ("gateway", ""),
    ("router", ""),
    ("firewall", ""),
    ("switch", ""),
    ("wireless", ""),
    ("media", ""),
    ("person", ""),
    ("medical", ""),
    ("energy", ""),
];

static KIND_HAZARD: Object = Object {
    name: "kind-hazard",
    about: "How a kind of asset hurts people.",
    fields: &[
        required("kind", Ref("hazards"), "Kind of the hazard."),
        required("worst", Choice(HARM), "The worst harm."),
    ],
};

static ZONE_KIND: Object = Object {
    name: "zone-kind",
    about: "A kind of place or network segment.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        required(
            "setting",
            Choice(&[("household", ""), ("business", ""), ("public", ""), ("cloud", "")]),
            "Whose place it is.",
        ),
        optional("exposes", List(&Ref("entry-points")), "Ways in that are open to what stands here."),
        required("level", Number(0.0, 5.0), "How far inside: 0 outside … 5 field devices and safety."),
    ],
};

static MEDIUM: Object = Object {
    name: "medium",
    about: "What a link goes over.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        required(
            "kind",
            Choice(&[("wired", ""), ("wireless", ""), ("internet", ""), ("removable", ""), ("local", "")]),
            "Sort of medium.",
        ),
        optional("exposes", List(&Ref("entry-points")), "Ways in that it opens at its ends."),
        required(
            "encrypted",
            Choice(&[("yes", ""), ("no", ""), ("optional", "")]),
            "Whether it encrypts by itself.",
        ),
    ],
};

static PROTOCOL: Object = Object {
    name: "protocol",
    about: "What a link speaks.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        required(
            "secure",
            Choice(&[("yes", ""), ("no", ""), ("optional", "")]),
            "Whether it protects what it carries.",
        ),
    ],
};

static DATA_KIND: Object = Object {
    name: "data-kind",
    about: "A kind of information.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        optional(
            "marks",
            List(&Choice(&[
                ("personal", ""),
                ("sensitive", ""),
                ("secret", ""),
                ("control", ""),
                ("credential", ""),
                ("software", ""),
                ("operation", ""),
                ("measurement", ""),
            ])),
            "What makes it worth protecting, beside the marks of its parent.",
        ),
    ],
};

static HAZARD: Object = Object {
    name: "hazard-kind",
    about: "A way in which things hurt people.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        optional("area", Bool, "It can reach people and land around the site."),
        optional(
            "served",
            Bool,
            "It hits those who are served, such as a patient, rather than who operates.",
        ),
    ],
};

static SAFEGUARD: Object = Object {
    name: "safeguard",
    about: "What keeps things from hurting people.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        required("against", List(&Ref("hazards")), "Hazards that it works against."),
        required(
            "independent",
            Bool,
            "It works without the network and without the software an attacker may reach.",
        ),
    ],
};

static ENTRY_POINT: Object = Object {
    name: "entry-point",
    about: "A way into a system.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        optional("spreads", Bool, "Who has got in this way can go on over the links."),
        optional("outside", Bool, "It is open to anybody, from anywhere."),
    ],
};

static FACT: Object = Object {
    name: "fact",
    about: "A fact that the program derives, or a family of facts (`reachable-from`).",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        required(
            "of",
            Choice(&[
                ("asset", "a fact about an asset"),
                ("stakeholder", "a fact about a stakeholder"),
                ("system", "a fact about the whole system"),
            ]),
            "What it is a fact about.",
        ),
    ],
};

static THREAT: Object = Object {
    name: "threat",
    about: "A threat.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        required("group", Choice(&[("STRIDE", ""), ("IoT", "")]), "The list it belongs to."),
        optional("letter", Line, "Its letter in STRIDE."),
    ],
};

static THREAT_RULE: Object = Object {
    name: "threat-rule",
    about: "From facts about an asset to a threat.",
    fields: &[
        ID,
        SOURCE,
        BASIS,
        required("proposes", Ref("threats"), "The threat."),
        ALL,
        ANY,
        NONE,
        required("weight", Number(0.0, 1.0), "How strongly the facts speak for the threat, 0 to 1."),
        required("incident", Text, "What happens; `{asset}` and `{data}` are filled in."),
        required("why", Text, "Why the facts lead to the threat."),
    ],
};

static REQUIREMENT: Object = Object {
    name: "requirement",
    about: "A requirement of the framework's annex A.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        required("viewpoint", Number(1.0, 4.0), "Viewpoint of the third axis, 1 to 4."),
        required(
            "target",
            Choice(&[("organization", ""), ("procedure", ""), ("system", "")]),
            "What it is implemented in.",
        ),
        required(
            "phase",
            Choice(&[
                ("planning", ""),
                ("development", ""),
                ("test", ""),
                ("procurement", ""),
                ("installation", ""),
                ("operation", ""),
                ("disposal", ""),
                ("all", ""),
            ]),
            "When in the life cycle.",
        ),
        optional("cps", List(&Line), "Ids of the Cyber/Physical Security Framework."),
        optional("counters", List(&Ref("threats")), "Threats it works against; empty for all."),
    ],
};

static REQUIREMENT_RULE: Object = Object {
    name: "requirement-rule",
    about: "From threats and facts to a requirement.",
    fields: &[
        ID,
        SOURCE,
        BASIS,
        required("requires", Ref("requirements"), "The requirement."),
        optional(
            "threats",
            List(&Ref("threats")),
            "Threats above the cut of which one must be there; general if left out.",
        ),
        ALL,
        ANY,
        NONE,
        required("by", List(&Choice(IMPLEMENTERS)), "Who implements it; the first that the system has."),
        optional("also", List(&Choice(IMPLEMENTERS)), "Who has a part in it as well."),
        optional("stand-in", Bool, "An asset above may do it for one that is too small."),
        required("why", Text, "Why it is asked for."),
    ],
};

/// Ways to find the implementer of a requirement among the stakeholders.
pub const IMPLEMENTERS: &[(&str, &str)] = &[
    ("lead", "the lead"),
    ("developer", "the lead if it develops, else the developer of most of the assets concerned"),
    ("operator", "the lead if it uses the system, else who operates most of the assets concerned"),
    ("user", "the user"),
    ("installer", "who installs"),
    ("maintainer", "the lead if it uses the system, else who maintains the assets concerned"),
    ("service-provider", "who maintains most of the assets concerned, if neither the lead nor the user"),
    ("updater", "who delivers updates"),
    ("lead-if-developer", "the lead, if it develops or provides"),
    ("lead-if-user", "the lead, if it uses the system"),
];

static MEASURE: Object = Object {
    name: "catalog-measure",
    about: "A concrete measure.",
    fields: &[
        ID,
        required("requirement", Ref("requirements"), "The requirement that it meets."),
        NAME,
        required("action", Text, "What to do."),
        required(
            "by",
            List(&Choice(&[("developer", ""), ("provider", ""), ("user", "")])),
            "Roles that can do it.",
        ),
        required(
            "phase",
            Choice(&[
                ("planning", ""),
                ("development", ""),
                ("test", ""),
                ("procurement", ""),
                ("installation", ""),
                ("operation", ""),
                ("disposal", ""),
            ]),
            "When in the life cycle.",
        ),
        required("effort", Choice(&[("small", ""), ("medium", ""), ("large", "")]), "How much work it is."),
        optional("counters", List(&Ref("threats")), "Threats it works against; empty for all."),
        required("on", List(&Line), "Asset kinds or traits that it is applied to, or `system`."),
        optional("impairs", List(&Choice(&[("availability", ""), ("safety", "")])), "What it may weaken."),
        optional("caution", Text, "How it may weaken that, and what to mind."),
        SOURCE,
        BASIS,
    ],
};

static RUBRIC: Object = Object {
    name: "rubric-entry",
    about: "From facts about a stakeholder to a level on an axis.",
    fields: &[
        ID,
        SOURCE,
        BASIS,
        required("axis", Choice(&[("recovery", ""), ("economic", "")]), "The axis."),
        required(
            "level",
            Choice(&[("limited", ""), ("serious", ""), ("critical", ""), ("catastrophic", "")]),
            "The level.",
        ),
        required(
            "factor",
            Choice(&[
                ("privacy", ""),
                ("safety", ""),
                ("direct-internal", ""),
                ("direct-external", ""),
                ("duration", ""),
                ("substitutability", ""),
                ("indirect", ""),
            ]),
            "The row of the rating worksheet that it fills.",
        ),
        ALL,
        ANY,
        NONE,
        required("why", Text, "What the facts mean for the stakeholder."),
        required("example", Text, "A worked example."),
    ],
};

static POLICY: Object = Object {
    name: "policy",
    about: "A direction for a stakeholder outside the target.",
    fields: &[
        ID,
        SOURCE,
        BASIS,
        required(
            "axis",
            Choice(&[("recovery", ""), ("economic", "")]),
            "The axis on which it brings the stakeholder back.",
        ),
        ALL,
        ANY,
        NONE,
        required("policy", Text, "The direction."),
        required("requirements", List(&Ref("requirements")), "Requirements that it calls for."),
        required("why", Text, "Why it helps."),
    ],
};

static PRIORITY_RULE: Object = Object {
    name: "priority-rule",
    about: "From facts to the assets to begin with.",
    fields: &[
        ID,
        SOURCE,
        BASIS,
        required(
            "because",
            Choice(&[("harm", "a large harm"), ("likelihood", "a high likelihood")]),
            "Which of the two reasons.",
        ),
        ALL,
        ANY,
        NONE,
        required("why", Text, "Why to begin there."),
    ],
};

/// Vocabulary that shapes of documents take from a catalog.
pub const VOCABULARIES: &[&str] = &[
    "asset-kinds",
    "zone-kinds",
    "traits",
    "data-kinds",
    "hazards",
    "safeguards",
    "media",
    "protocols",
    "threats",
    "requirements",
    "measures",
];
