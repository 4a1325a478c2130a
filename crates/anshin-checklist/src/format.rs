//! The formats of checklist files and answers files as [`Shape`]s.

use Shape::{Bool, Choice, Date, Id, Items, Known, Line, List, Number, OneOrMore, Ref, Short, Text};
use anshin_model::shape::{Field, Object, Shape, optional, required};

/// Largest number of points or weight; far above any real one.
const LARGE: f64 = 1_000_000.0;

/// Largest number that an answer may hold.
const LARGEST: f64 = 1e15;

const ID: Field = required("id", Id, "Identifier.");
const NAME: Field = required("name", Text, "Name, Japanese and English.");
const SOURCE: Field =
    optional("source", OneOrMore(&Line), "Where it comes from: id of a source, then the place in it.");
const BASIS: Field = optional(
    "basis",
    Choice(&[
        ("stated", "the source says it"),
        ("derived", "it follows from the source"),
        ("own", "our own judgement"),
    ]),
    "How sure it is.",
);

/// What an answer comes to, whatever the scale.
const MEANS: &[(&str, &str)] = &[
    ("met", "done, in place, true"),
    ("partly", "done in part, in progress"),
    ("unmet", "not done"),
    ("unknown", "nobody knows; treated as not done when it comes to what to do next"),
    ("not-applicable", "does not concern those who answer; stays out of the score unless it has points"),
];

const WHO: &[(&str, &str)] = &[
    ("management", "those who manage the company"),
    ("it", "those who run information systems"),
    ("ot", "those who run machines and plants"),
    ("developer", "those who develop the product"),
    ("staff", "everybody who works there"),
    ("supplier", "a company that delivers or maintains"),
];

const RELATION: &[(&str, &str)] = &[EQUAL, PART, SUPERSET, RELATED];

/// How an item relates to one of another checklist.
const LINK_RELATION: &[(&str, &str)] = &[
    EQUAL,
    PART,
    SUPERSET,
    RELATED,
    ("presupposes", "this item is about something that is there only if the other is answered with yes"),
];

const EQUAL: (&str, &str) = ("equal", "both ask for the same");
const PART: (&str, &str) = ("part", "this item is a part of the other");
const SUPERSET: (&str, &str) = ("superset", "this item asks for the other and more");
const RELATED: (&str, &str) = ("related", "they touch each other; nothing follows from one for the other");

const STRENGTH: Field = optional(
    "strength",
    Number(1.0, 10.0),
    "How strong the link is, 1 to 10; 10 if left out for equal, else 5.",
);

const TYPE: &[(&str, &str)] = &[
    ("one", "one of the options"),
    ("many", "any number of the options"),
    ("number", "a number"),
    ("date", "a date, YYYY-MM-DD"),
    ("text", "words"),
];

/// A checklist file.
pub static CHECKLIST: Object = Object {
    name: "checklist",
    about: "Questions with their scales, scores and links.",
    fields: &[
        required(
            "anshin-checklist",
            Choice(&[("1", "the first version of the format")]),
            "Version of the format.",
        ),
        required("id", Id, "Identifier of the checklist, the same in every version."),
        required("version", Line, "Version of the content; one of `history` if there is one."),
        required("title", Text, "Title, Japanese and English."),
        required("about", Text, "What it is for and who should answer, in two or three sentences."),
        optional("publisher", Text, "Who published the list that it follows."),
        optional("licence", Line, "Licence of the texts."),
        optional("urn", Line, "Identifier in another program's library."),
        optional("subject", Choice(SUBJECT), "What one set of answers is about; organization if left out."),
        optional("minutes", Number(1.0, 10_000.0), "How long answering takes."),
        SOURCE,
        BASIS,
        optional("sources", Items(&SOURCES), "Sources that the catalog does not have."),
        optional("history", List(&Shape::Object(&HISTORY)), "The versions, newest first."),
        optional("retired", List(&Shape::Object(&RETIRED)), "Items of earlier versions that are gone."),
        optional("levels", Items(&LEVEL), "Levels of use, lightest first, such as trial and production."),
        optional("scales", Items(&SCALE), "Scales that items name with `answer`."),
        optional("answer", Ref("scales"), "The scale of items that name none."),
        optional(
            "scope",
            List(&Shape::Object(&PREFILL)),
            "When the checklist does not concern a system: the first rule that holds answers all items that count.",
        ),
        optional("next", OneOrMore(&Id), "The checklists that its answers lead on to, the nearest first."),
        required("sections", Items(&SECTION), "The sections with their items, in order."),
        optional("scores", Items(&SCORE), "What is worked out from the answers; the first is the headline."),
    ],
};

const SUBJECT: &[(&str, &str)] = &[
    ("organization", "a company or a part of it"),
    ("system", "a system that is used"),
    ("product", "a product that is made"),
    ("person", "one person, as in a quiz"),
];

static SOURCES: Object = Object {
    name: "checklist-source",
    about: "A document that items come from.",
    fields: &[
        ID,
        required("title", Text, "Title of the document."),
        required("publisher", Text, "Who published it."),
        optional("edition", Line, "Edition or date."),
    ],
};

static HISTORY: Object = Object {
    name: "checklist-version",
    about: "A version of the checklist.",
    fields: &[
        required("version", Line, "The version."),
        optional("date", Date, "When it came out."),
        optional("changes", Text, "What is different from the version before."),
    ],
};

static RETIRED: Object = Object {
    name: "retired-item",
    about: "An item of an earlier version that is gone.",
    fields: &[
        required("id", Id, "The id that it had."),
        optional("since", Line, "The version from which it is gone."),
        optional("into", Id, "The item that asks for it now."),
        optional("because", Text, "Why it is gone."),
    ],
};

static LEVEL: Object = Object {
    name: "use-level",
    about: "A level of use.",
    fields: &[ID, NAME, optional("about", Text, "When this level is the right one.")],
};

static SCALE: Object = Object {
    name: "scale",
    about: "How items are answered.",
    fields: &[
        ID,
        optional("name", Text, "Name of the scale."),
        required("type", Choice(TYPE), "What an answer is."),
        optional("options", Items(&OPTION), "What can be chosen, in the order shown."),
        optional("min", Number(-LARGEST, LARGEST), "Smallest number."),
        optional("max", Number(-LARGEST, LARGEST), "Largest number."),
        optional("unit", Text, "Unit of the number."),
        optional("steps", List(&Shape::Object(&STEP)), "Points for a number, from the smallest step on."),
        optional("out-of-scope", Choice(OUT_OF_SCOPE), "What answering `out of scope` does."),
        optional("scoring", Choice(SCORING), "How many choices make points; sum if left out."),
    ],
};

/// An item's own scale: the word is the id of a scale of the file.
static ANSWER: Object = Object {
    name: "answer-form",
    about: "How the item is answered: the id of a scale, or a scale of its own.",
    fields: &[
        optional("scale", Ref("scales"), "A scale of the file."),
        optional("type", Choice(TYPE), "What an answer is, if the item has a scale of its own."),
        optional("options", Items(&OPTION), "What can be chosen, in the order shown."),
        optional("min", Number(-LARGEST, LARGEST), "Smallest number."),
        optional("max", Number(-LARGEST, LARGEST), "Largest number."),
        optional("unit", Text, "Unit of the number."),
        optional("steps", List(&Shape::Object(&STEP)), "Points for a number, from the smallest step on."),
        optional("out-of-scope", Choice(OUT_OF_SCOPE), "What answering `out of scope` does."),
        optional("scoring", Choice(SCORING), "How many choices make points; sum if left out."),
    ],
};

const OUT_OF_SCOPE: &[(&str, &str)] = &[
    ("forbidden", "cannot be answered (the rule if left out)"),
    ("excluded", "the item leaves the score; a reason is asked for"),
    ("full", "counts as all points; a reason is asked for"),
];

const SCORING: &[(&str, &str)] = &[
    ("sum", "the points of the chosen options together"),
    ("exact", "all points if exactly the options marked `correct` are chosen, else none"),
];

const STATE: &[(&str, &str)] = &[
    ("in-place", "it is done"),
    ("planned", "it is decided, and not done yet"),
    ("refused", "it is decided against; proposed for nothing else"),
];

static OPTION: Object = Object {
    name: "option",
    about: "A possible answer.",
    fields: &[
        ID,
        NAME,
        optional("about", Text, "When this is the right answer."),
        optional("points", Number(-LARGE, LARGE), "Points; none at all if left out."),
        optional("means", Choice(MEANS), "What it comes to."),
        optional(
            "state",
            Choice(STATE),
            "The state of a recorded measure that it stands for, where it tells more than `means`.",
        ),
        optional("correct", Bool, "Right answer of a quiz."),
        optional("reason", Bool, "Whether a reason is asked for."),
    ],
};

static STEP: Object = Object {
    name: "step",
    about: "From a number on, so many points.",
    fields: &[
        required("from", Number(-LARGEST, LARGEST), "The smallest number of the step."),
        required("points", Number(-LARGE, LARGE), "The points."),
        optional("means", Choice(MEANS), "What it comes to."),
    ],
};

static SECTION: Object = Object {
    name: "section",
    about: "A group of items.",
    fields: &[
        ID,
        required("title", Text, "Title, Japanese and English."),
        optional("number", Line, "Number or code as the source prints it, such as PR.AC."),
        optional("about", Text, "What the section is about."),
        optional("parent", Ref("sections"), "The section above it."),
        optional("weight", Number(0.0, LARGE), "Weight of its items in scores; 1 if left out."),
        optional(
            "scored",
            Bool,
            "Whether its items count in scores that name no sections; true if left out.",
        ),
        optional("who", OneOrMore(&Choice(WHO)), "Who answers its items."),
        optional("when", Shape::Object(&WHEN), "When its items are asked; always if left out."),
        SOURCE,
        BASIS,
        optional("items", Items(&ITEM), "The items, in order."),
    ],
};

/// An item of a checklist; also an own item of an answers file.
static ITEM: Object = Object {
    name: "item",
    about: "One thing that is asked.",
    fields: &[
        ID,
        required("text", Text, "The question or statement, as one sentence."),
        optional("title", Text, "A few words for tables and pictures; the text if left out."),
        optional("number", Line, "Number as the source prints it, such as 5.3-4A."),
        optional("mark", Line, "Status letters of the source, such as MF; shown beside the number."),
        optional(
            "earliest",
            Short(&EARLIEST),
            "The stage in which what it asks for can be there at the earliest: before, it is not met yet.",
        ),
        optional("help", Text, "What is meant, and why it matters."),
        optional("example", Text, "How it looks where it is done."),
        optional("evidence", OneOrMore(&Text), "What typically shows that it is done."),
        optional("explanation", Text, "Shown after answering, as in a quiz."),
        optional("advice", Text, "What to do if it is not met, as one sentence."),
        optional("effort", Choice(EFFORT), "How much work the advice is; from the measures if left out."),
        optional(
            "urgency",
            Number(0.0, LARGE),
            "How urgent it is among things to do of equal worth; 0 if left out.",
        ),
        optional("answer", Short(&ANSWER), "How it is answered; the file's `answer` if left out."),
        optional("weight", Number(0.0, LARGE), "Weight in scores; 1 if left out."),
        optional("who", OneOrMore(&Choice(WHO)), "Who answers; the section's if left out."),
        optional("levels", List(&Short(&RECOMMENDED)), "Levels of use at which it is recommended."),
        optional("when", Shape::Object(&WHEN), "When it is asked; always if left out."),
        optional("requirements", List(&Short(&TO_REQUIREMENT)), "Requirements of annex A that it is about."),
        optional("measures", List(&Known("measures")), "Measures of the catalog that meet it."),
        optional("links", List(&Short(&LINK)), "Items of other checklists."),
        optional("prefill", List(&Shape::Object(&PREFILL)), "Answers that facts of a system propose."),
        optional("since", Line, "Version of the checklist that brought it."),
        optional(
            "changed",
            Line,
            "Version in which its meaning changed last: older answers are looked at again.",
        ),
        optional("was", List(&Id), "Ids that it had in earlier versions."),
        optional("urn", Line, "Identifier in another program's library."),
        SOURCE,
        BASIS,
    ],
};

const EFFORT: &[(&str, &str)] = &[("small", "days"), ("medium", "weeks"), ("large", "months")];

static EARLIEST: Object = Object {
    name: "earliest",
    about: "The stage of the product in which something can be there at the earliest: a stage, or a map.",
    fields: &[
        required("stage", Choice(STAGE), "The stage."),
        optional("all", List(&Line), "Facts of the system that must all hold, for the item to concern it."),
        optional("any", List(&Line), "Facts of which one must hold."),
        optional("none", List(&Line), "Facts of which none may hold."),
    ],
};

const STAGE: &[(&str, &str)] = &[
    ("development", "it comes to be with the product"),
    ("operation", "it comes to be when the product is on the market"),
];

static RECOMMENDED: Object = Object {
    name: "recommended",
    about: "How strongly an item is recommended at a level of use: the id of a level, or a map.",
    fields: &[
        required("level", Ref("levels"), "The level."),
        optional(
            "mark",
            Choice(&[("adopt", "◎"), ("partly", "△"), ("no", "×")]),
            "How strongly; adopt if left out.",
        ),
    ],
};

static WHEN: Object = Object {
    name: "when",
    about: "Answers on which it depends whether something is asked.",
    fields: &[
        optional("all", List(&Shape::Object(&TEST)), "All must hold."),
        optional("any", List(&Shape::Object(&TEST)), "One must hold."),
        optional("none", List(&Shape::Object(&TEST)), "None may hold."),
    ],
};

static TEST: Object = Object {
    name: "test",
    about: "A test of one answer. An item without an answer fails it.",
    fields: &[
        required("item", Id, "An item of this checklist."),
        optional("is", OneOrMore(&Line), "Options of which one is chosen; `out-of-scope` may be among them."),
        optional("means", OneOrMore(&Choice(MEANS)), "What the answer comes to."),
        optional("at-least", Number(-LARGEST, LARGEST), "Smallest number."),
        optional("at-most", Number(-LARGEST, LARGEST), "Largest number."),
    ],
};

static TO_REQUIREMENT: Object = Object {
    name: "to-requirement",
    about: "A requirement that the item is about: its id, or a map.",
    fields: &[
        required("requirement", Known("requirements"), "The requirement."),
        optional("relation", Choice(RELATION), "How they relate; part if left out."),
        STRENGTH,
    ],
};

static LINK: Object = Object {
    name: "link-to-item",
    about: "An item of another checklist: `checklist/item`, or a map.",
    fields: &[
        required("to", Line, "The other item: checklist, slash, item."),
        optional("relation", Choice(LINK_RELATION), "How they relate; related if left out."),
        STRENGTH,
        optional("because", Text, "Why they belong together."),
    ],
};

static PREFILL: Object = Object {
    name: "prefill",
    about: "An answer that facts of the system and measures in place propose. The first that holds is taken.",
    fields: &[
        required("answer", OneOrMore(&Line), "The option or options, or `out-of-scope`."),
        optional("all", List(&Line), "Facts of the system that must all hold."),
        optional("any", List(&Line), "Facts of which one must hold."),
        optional("none", List(&Line), "Facts of which none may hold."),
        optional("measures", List(&Known("measures")), "Measures of which one must be in place."),
        required("because", Text, "Why that answer follows, as one sentence."),
    ],
};

static SCORE: Object = Object {
    name: "score",
    about: "A number that is worked out from answers.",
    fields: &[
        ID,
        NAME,
        optional(
            "over",
            List(&Ref("sections")),
            "Sections that count, with those below them; all scored ones if left out.",
        ),
        optional(
            "method",
            Choice(&[
                ("sum", "points times weights, together (the rule if left out)"),
                ("mean", "the sum divided by the weights of the items that count"),
                ("percent", "the sum as a part of the most that the items that count can have"),
            ]),
            "How it is worked out.",
        ),
        optional(
            "unanswered",
            Choice(&[
                ("zero", "an item without an answer counts with no points (the rule if left out)"),
                ("excluded", "only answered items count"),
            ]),
            "What an item without an answer does.",
        ),
        optional(
            "points",
            List(&Shape::Object(&OPTION_POINTS)),
            "Points of options in this score, where they differ from those of their scale: a variant.",
        ),
        optional("target", Number(-LARGE, LARGE), "The value to reach."),
        optional("bands", Items(&BAND), "What the value means, best first."),
    ],
};

static OPTION_POINTS: Object = Object {
    name: "option-points",
    about: "Points of an option in one score.",
    fields: &[
        required("option", Line, "The option, in whatever scale it stands."),
        required("points", Number(-LARGE, LARGE), "Its points."),
    ],
};

static BAND: Object = Object {
    name: "band",
    about: "What a value means.",
    fields: &[
        ID,
        NAME,
        optional("from", Number(-LARGE, LARGE), "The smallest value of the band; left out in the last one."),
        optional("about", Text, "What it says to those who answered."),
        optional("targets", List(&Shape::Object(&TARGET)), "Values that those in the band are to reach."),
    ],
};

static TARGET: Object = Object {
    name: "target",
    about: "A value to reach.",
    fields: &[
        required("score", Ref("scores"), "The score."),
        required("value", Number(-LARGE, LARGE), "The value."),
        optional(
            "of",
            Number(0.0, LARGEST),
            "The most of the score for which the value stands; with another it is not asked for.",
        ),
    ],
};

/// An answers file.
pub static ANSWERS: Object = Object {
    name: "answers",
    about: "One round of answers to one checklist.",
    fields: &[
        required(
            "anshin-answers",
            Choice(&[("1", "the first version of the format")]),
            "Version of the format.",
        ),
        required("checklist", Line, "Id of the checklist."),
        required("version", Line, "Version of the checklist that was answered."),
        optional("subject", Text, "The company, system or product that the answers are about."),
        optional("level", Line, "Level of use."),
        optional("date", Date, "Date of this round."),
        optional("by", Line, "Who answered, where an answer does not say."),
        optional("reviewer", Line, "Who reviews, where an answer does not say."),
        optional("note", Text, "A remark about the round."),
        optional("own", List(&Shape::Object(&OWN)), "Items of your own, beside those of the checklist."),
        required("answers", Items(&GIVEN), "The answers, in any order."),
    ],
};

static OWN: Object = Object {
    name: "own-items",
    about: "Items of your own in a section of the checklist.",
    fields: &[
        required("section", Line, "The section."),
        required("items", Items(&ITEM), "The items; their ids must not be those of the checklist."),
    ],
};

static GIVEN: Object = Object {
    name: "answer",
    about: "The answer to one item.",
    fields: &[
        required("id", Id, "The item."),
        optional(
            "value",
            OneOrMore(&Line),
            "Option, options, number, date or words; `unknown` fits every item.",
        ),
        optional("out-of-scope", Bool, "Whether the item does not concern you; give a reason."),
        optional("reason", Text, "Why: out of scope, or why it was adopted or not."),
        optional("note", Text, "A remark, or the details that a table asks for."),
        optional("evidence", OneOrMore(&Short(&EVIDENCE)), "What shows it."),
        optional("by", Line, "Who answered."),
        optional("date", Date, "When."),
        optional("reviewer", Line, "Who has looked at it."),
        optional("reviewed", Date, "When it was looked at."),
        optional("until", Date, "When it is to be done."),
        optional("proposed", Bool, "Whether the program proposed it and nobody has confirmed it yet."),
        optional("because", Text, "Why the program proposed it."),
    ],
};

static EVIDENCE: Object = Object {
    name: "evidence",
    about: "What shows an answer: words, or a map.",
    fields: &[
        required("what", Text, "What it is."),
        optional("where", Line, "File, folder, address or shelf."),
        optional("date", Date, "Date of the evidence."),
    ],
};
