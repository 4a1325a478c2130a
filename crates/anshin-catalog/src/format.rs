//! The format of catalog files as a [`Shape`].

use Shape::{Bool, Choice, Id, Items, Line, List, Number, OneOrMore, Ref, Text, Whole};
use anshin_model::shape::{Field, Object, Shape, optional, required};

use crate::loss::{COST_ITEM, DEFAULT_RANGE};

pub(crate) const ID: Field = required("id", Id, "Identifier of the entry.");
pub(crate) const NAME: Field = required("name", Text, "Name, Japanese and English.");
pub(crate) const ABOUT: Field = required("about", Text, "What it is, in one or two sentences.");
pub(crate) const SOURCE: Field =
    required("source", OneOrMore(&Line), "Where it comes from: id of a source, then the place in it.");
pub(crate) const BASIS: Field = required("basis", Choice(BASES), "How sure it is.");
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
        optional("difficulty", Items(&DIFFICULTY), "What makes a step of an attack path hard."),
        optional("hindrances", Items(&HINDRANCE), "Measures that make a step of an attack path harder."),
        optional("reliefs", Items(&RELIEF), "Measures that make an effect lighter."),
        optional("matrices", Items(&MATRIX), "How risk is read from effect and likelihood."),
        optional("cost-items", Items(&COST_ITEM), "Costs of an incident."),
        optional("default-ranges", Items(&DEFAULT_RANGE), "Ranges where the user has given no number."),
        optional("efforts", Items(&EFFORT), "What measures cost by class of effort."),
        optional("impairments", Items(&IMPAIRMENT), "What it counts that a measure weakens something."),
        optional("dependencies", Items(&DEPENDENCY), "How measures depend on each other."),
        optional("alerts", Items(&ALERT), "What the alerts of the monitor mean."),
        optional("shared", Items(&SHARED), "What machines share."),
        optional("meters", Items(&METER), "Power meters by their registers, in the order they are tried."),
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
                ("step", "a fact about a step of an attack path"),
            ]),
            "What it is a fact about.",
        ),
        optional("words", Items(&WORD), "The words that the family takes, where they are no ids of entries."),
    ],
};

static WORD: Object = Object { name: "word", about: "A word of a family of facts.", fields: &[ID, NAME] };

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
        optional("leads-to", List(&Choice(CONSEQUENCES)), "What an incident that it causes may lead to."),
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
        required("viewpoint", Whole(1, 4), "Viewpoint of the third axis, 1 to 4."),
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
        optional(
            "at-home",
            Bool,
            "Whether a private person can do it at home, then as small work (false if left out).",
        ),
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

const CONSEQUENCES: &[(&str, &str)] = &[
    ("harm", "people are hurt"),
    ("stop", "what depends on the asset stands still"),
    ("leak", "information gets out"),
    ("recall", "a product that many have turns out to be flawed"),
];

const LAYERS: &[(&str, &str)] = &[
    ("way", "what the sort of step takes by itself"),
    ("skill", "skill and means beyond that"),
    ("authentication", "who wants in must prove who it is"),
    ("segmentation", "networks are kept apart"),
    ("encryption", "what is carried or kept cannot be read or changed"),
    ("allow-list", "only what is on a list gets through or runs"),
    ("patching", "known weaknesses are closed"),
    ("monitoring", "somebody notices"),
    ("expertise", "people know what they do"),
    ("physical", "walls, locks and housings"),
    ("supply", "suppliers and what they deliver are looked at"),
];

const LAYER: Field = required(
    "layer",
    Choice(LAYERS),
    "Layer of protection: within a layer the strongest counts, layers add up.",
);
const MEASURES: Field = required(
    "measures",
    List(&Ref("measures")),
    "Measures that have this effect on the assets they are taken on.",
);
const OWN: Field =
    optional("own", Bool, "A user's own measure for the same requirement has the effect as well.");

static DIFFICULTY: Object = Object {
    name: "difficulty-entry",
    about: "What makes a step of an attack path hard.",
    fields: &[
        ID,
        SOURCE,
        BASIS,
        LAYER,
        required("points", Whole(1, 20), "How hard, 1 to 20."),
        ALL,
        ANY,
        NONE,
        required("why", Text, "Why it is hard."),
    ],
};

static HINDRANCE: Object = Object {
    name: "hindrance",
    about: "Measures that make a step of an attack path harder.",
    fields: &[
        ID,
        SOURCE,
        BASIS,
        MEASURES,
        OWN,
        LAYER,
        required("points", Whole(1, 20), "How hard the layer is with them, 1 to 20."),
        ALL,
        ANY,
        NONE,
        required("why", Text, "Why it is harder with them."),
    ],
};

static RELIEF: Object = Object {
    name: "relief",
    about: "Measures that make the effect of an incident lighter.",
    fields: &[
        ID,
        SOURCE,
        BASIS,
        MEASURES,
        OWN,
        required("consequence", Choice(CONSEQUENCES), "What they make lighter."),
        required("levels", Whole(1, 2), "By how many levels, 1 or 2."),
        ALL,
        ANY,
        NONE,
        required("why", Text, "Why it is lighter with them."),
    ],
};

static MATRIX: Object = Object {
    name: "matrix",
    about: "How risk is read from effect and likelihood.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        required(
            "likelihood",
            List(&Shape::Object(&LIKELIHOOD_CLASS)),
            "Classes of likelihood, from low to high; 3 to 6.",
        ),
        required(
            "effect",
            List(&Shape::Object(&EFFECT_CLASS)),
            "Classes of effect, from low to high; 3 to 6.",
        ),
        required("risk", List(&Shape::Object(&RISK_CLASS)), "Classes of risk, from low to high."),
        required(
            "cells",
            List(&List(&Line)),
            "A row for each class of likelihood; in it the risk for each class of effect.",
        ),
        required(
            "cut",
            Line,
            "Class of risk from which a scenario inside the target is looked at further, too.",
        ),
        required(
            "counts-from",
            Line,
            "Class of likelihood from which an effect counts on the risk map after measures.",
        ),
    ],
};

static LIKELIHOOD_CLASS: Object = Object {
    name: "likelihood-class",
    about: "A class of likelihood.",
    fields: &[
        ID,
        NAME,
        required("difficulty", Whole(0, 60), "Points of difficulty from which a path is in this class."),
    ],
};

static EFFECT_CLASS: Object = Object {
    name: "effect-class",
    about: "A class of effect; the lowest takes whatever no other does.",
    fields: &[
        ID,
        NAME,
        optional(
            "recovery",
            Choice(&[("limited", ""), ("serious", ""), ("critical", "")]),
            "Level on the recovery axis from which an effect is in this class.",
        ),
        optional(
            "economic",
            Choice(&[("limited", ""), ("serious", ""), ("catastrophic", "")]),
            "Level on the economic axis from which an effect is in this class.",
        ),
        optional("both", Bool, "Both levels must be reached; one is enough if left out."),
    ],
};

static RISK_CLASS: Object = Object {
    name: "risk-class",
    about: "A class of risk.",
    fields: &[ID, NAME, required("colour", Line, "Its colour on charts, `#RRGGBB`.")],
};

static EFFORT: Object = Object {
    name: "effort-cost",
    about: "What a measure of a class of effort costs when nobody has said so.",
    fields: &[
        ID,
        NAME,
        SOURCE,
        BASIS,
        required("once", Whole(0, 1_000_000_000), "Money once, in yen."),
        required("per-year", Whole(0, 1_000_000_000), "Money in each year, in yen."),
        required("days", Whole(0, 100_000), "Person-days."),
        required(
            "each-further",
            Whole(0, 100),
            "How much more each further asset takes, in per cent, where a measure is taken at assets.",
        ),
    ],
};

static IMPAIRMENT: Object = Object {
    name: "impairment",
    about: "What it counts in a comparison that a measure can weaken something.",
    fields: &[
        ID,
        NAME,
        SOURCE,
        BASIS,
        required("cost", Whole(0, 1_000_000_000), "As if the measure were that much dearer, in yen."),
        required("points", Whole(0, 1000), "As if it left that many points of risk."),
    ],
};

static DEPENDENCY: Object = Object {
    name: "dependency",
    about: "How a measure depends on others.",
    fields: &[
        ID,
        SOURCE,
        BASIS,
        required("measure", Ref("measures"), "The measure."),
        optional("needs", List(&Ref("measures")), "At least one of these is needed as well, no later."),
        optional("excludes", List(&Ref("measures")), "None of these goes with it on the same assets."),
        required("why", Text, "Why."),
    ],
};

const CAUSES: Field = required("causes", List(&Text), "What is likely behind it, likely ones first.");
const FIRST: Field = required("first", List(&Text), "What to look at first.");

static ALERT: Object = Object {
    name: "alert",
    about: "What an alert of the monitor means, and what to do first.",
    fields: &[
        ID,
        NAME,
        SOURCE,
        BASIS,
        required("says", Text, "What has been seen; {machine} is filled in."),
        CAUSES,
        FIRST,
        required("threats", List(&Ref("threats")), "Threats that show themselves in this way."),
    ],
};

static SHARED: Object = Object {
    name: "shared",
    about: "What several machines share, and what is likely behind alerts of several of them at once.",
    fields: &[ID, NAME, SOURCE, BASIS, CAUSES, FIRST],
};

static METER: Object = Object {
    name: "meter",
    about: "Which registers of a power meter that speaks Modbus hold what.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        required(
            "described-by",
            Choice(&[
                ("standard", "a standard"),
                ("maker", "the maker's own manual"),
                ("third-party", "somebody else; it is told to whoever relies on it"),
            ]),
            "Whose word the registers are.",
        ),
        optional(
            "models",
            List(&Whole(1, 65_535)),
            "Models of the SunSpec list with whose first register counting begins.",
        ),
        optional(
            "table",
            Choice(&[("holding", ""), ("input", "")]),
            "Where they stand; holding if left out.",
        ),
        required("frequency", Shape::Object(&MAP_REGISTER), "Frequency in Hz."),
        required("voltages", List(&Shape::Object(&MAP_REGISTER)), "Voltages in V that must be there."),
        optional("any-voltage", Bool, "One of the voltages is enough."),
        required("power", Shape::Object(&MAP_REGISTER), "Power in W."),
        optional("energy", Shape::Object(&MAP_REGISTER), "Energy in Wh."),
    ],
};

static MAP_REGISTER: Object = Object {
    name: "map-register",
    about: "A number in the registers of a meter.",
    fields: &[
        required("at", Whole(0, 65_535), "Its first register, from 0."),
        required(
            "form",
            Choice(&[("u16", ""), ("i16", ""), ("u32", ""), ("i32", ""), ("f32", ""), ("u64", "")]),
            "How it stands there.",
        ),
        optional("scale", Whole(0, 65_535), "The register of the power of ten that it is multiplied by."),
        optional("factor", Number(-1e12, 1e12), "What it is multiplied by; 1 if left out."),
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
