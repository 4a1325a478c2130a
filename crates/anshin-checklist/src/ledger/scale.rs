//! Scales of importance, threats, measures and risk: data, because several are in use.

use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::shape::{Object, Shape, Vocabulary, optional, required};
use anshin_model::tree::Sources;
use anshin_model::{Id, Text};
use serde::Deserialize;

use crate::de::maybe_number;
use crate::load::{list, place};
use crate::read::{File, read, typed};

static SCALE: Object = Object {
    name: "ledger-scale",
    about: "How importance, likelihood and risk value of information are worked out.",
    fields: &[
        required(
            "anshin-ledger-scale",
            Shape::Choice(&[("1", "the first version of the format")]),
            "Version of the format.",
        ),
        required("id", Shape::Id, "Identifier."),
        required("name", Shape::Text, "Name."),
        required("about", Shape::Text, "How it works."),
        required("source", Shape::OneOrMore(&Shape::Line), "Where it comes from."),
        required("basis", Shape::Choice(&[("stated", ""), ("derived", ""), ("own", "")]), "How sure it is."),
        required(
            "values",
            Shape::List(&Shape::Object(&VALUE)),
            "Values of confidentiality, integrity, availability and importance.",
        ),
        required("threats", Shape::List(&Shape::Object(&VALUE)), "How often threats occur."),
        required("measures", Shape::List(&Shape::Object(&VALUE)), "State of the measures."),
        required("likelihoods", Shape::List(&Shape::Object(&VALUE)), "Likelihood of damage."),
        required(
            "table",
            Shape::List(&Shape::Object(&CELL)),
            "Likelihood by threat and measures, one row for each pair.",
        ),
        required("bands", Shape::Items(&BAND), "What a risk value means, highest first."),
        optional("media", Shape::Items(&MEDIUM), "Media with what is usual for them."),
    ],
};

const NUMBER: Shape = Shape::Number(0.0, 9.0);

static VALUE: Object = Object {
    name: "scale-value",
    about: "A value with its name.",
    fields: &[
        required("value", NUMBER, "The value."),
        required("name", Shape::Text, "Its name."),
        optional("about", Shape::Text, "When it is the right one."),
    ],
};

static CELL: Object = Object {
    name: "scale-cell",
    about: "A cell of the table.",
    fields: &[
        required("threat", NUMBER, "How often threats occur."),
        required("measures", NUMBER, "State of the measures."),
        required("likelihood", NUMBER, "Likelihood of damage."),
    ],
};

static BAND: Object = Object {
    name: "risk-band",
    about: "What a risk value means.",
    fields: &[
        required("id", Shape::Id, "Identifier."),
        optional("from", Shape::Number(0.0, 100.0), "The smallest value; left out in the last band."),
        required("name", Shape::Text, "Name."),
        optional("about", Shape::Text, "What to do."),
    ],
};

static MEDIUM: Object = Object {
    name: "scale-medium",
    about: "A medium with what is usual for it.",
    fields: &[
        required("id", Shape::Id, "Identifier."),
        required("name", Shape::Text, "Name."),
        required("threat", NUMBER, "How often threats occur."),
        required("measures", NUMBER, "State of the measures."),
    ],
};

/// A scale.
#[derive(Debug, Clone, Deserialize)]
pub struct Scale {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// How it works.
    pub about: Text,
    /// Values of confidentiality, integrity, availability and importance.
    pub values: Vec<Value>,
    /// How often threats occur.
    pub threats: Vec<Value>,
    /// State of the measures.
    pub measures: Vec<Value>,
    /// Likelihood of damage.
    pub likelihoods: Vec<Value>,
    table: Vec<Cell>,
    /// What a risk value means, highest first.
    pub bands: Vec<RiskBand>,
    /// Media with what is usual for them.
    #[serde(default)]
    pub media: Vec<Medium>,
}

/// A value with its name.
#[derive(Debug, Clone, Deserialize)]
pub struct Value {
    /// The value.
    pub value: f64,
    /// Its name.
    pub name: Text,
    /// When it is the right one.
    pub about: Option<Text>,
}

#[derive(Debug, Clone, Deserialize)]
struct Cell {
    threat: f64,
    measures: f64,
    likelihood: f64,
}

/// What a risk value means.
#[derive(Debug, Clone, Deserialize)]
pub struct RiskBand {
    /// Its identifier.
    pub id: Id,
    /// The smallest value.
    #[serde(default, deserialize_with = "maybe_number")]
    pub from: Option<f64>,
    /// Its name.
    pub name: Text,
    /// What to do.
    pub about: Option<Text>,
}

/// A medium with what is usual for it.
#[derive(Debug, Clone, Deserialize)]
pub struct Medium {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// How often threats occur.
    pub threat: f64,
    /// State of the measures.
    pub measures: f64,
}

/// Values of scales are small whole numbers; they are compared as such.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

impl Scale {
    /// A medium by its id or by its name in either language.
    pub fn medium(&self, word: &str) -> Option<&Medium> {
        let named = |medium: &&Medium| {
            medium.id == *word || anshin_model::Lang::ALL.iter().any(|&lang| medium.name.get(lang) == word)
        };
        self.media.iter().find(named)
    }

    /// Likelihood of damage. The whole table is there, which is checked when it is loaded.
    pub fn likelihood(&self, threat: f64, measures: f64) -> f64 {
        let cell = self.table.iter().find(|cell| same(cell.threat, threat) && same(cell.measures, measures));
        cell.map_or_else(|| self.worst(&self.likelihoods), |cell| cell.likelihood)
    }

    /// The highest value.
    pub fn worst(&self, values: &[Value]) -> f64 {
        values.iter().map(|value| value.value).fold(0.0, f64::max)
    }

    /// The name of a value.
    pub fn name_of(values: &[Value], number: f64) -> Option<&Text> {
        values.iter().find(|value| same(value.value, number)).map(|value| &value.name)
    }

    /// Whether a number is a value of the scale.
    ///
    /// # Errors
    /// The values that there are.
    pub fn allows(&self, key: &str, number: f64) -> Result<(), Text> {
        let values = match key {
            "threat" => &self.threats,
            "measures" => &self.measures,
            _ => &self.values,
        };
        if values.iter().any(|value| same(value.value, number)) {
            return Ok(());
        }
        let all = values.iter().map(|value| value.value.to_string()).collect::<Vec<_>>().join(", ");
        Err(Text::new(format!("使える値: {all}"), format!("values: {all}")))
    }
}

/// The scales that are known; the first is the one that is used if none is named.
#[derive(Debug, Clone, Default)]
pub struct Scales(Vec<Scale>);

impl Scales {
    /// A scale by its id, or the first.
    pub fn get(&self, id: Option<&Id>) -> Option<&Scale> {
        match id {
            Some(id) => self.0.iter().find(|scale| scale.id == *id),
            None => self.0.first(),
        }
    }

    /// The ids.
    pub fn ids(&self) -> Vec<&str> {
        self.0.iter().map(|scale| scale.id.as_str()).collect()
    }

    /// The scales.
    pub fn iter(&self) -> impl Iterator<Item = &Scale> {
        self.0.iter()
    }
}

/// Reads scale files; a file with the id of an earlier one takes its place.
pub fn load_scales(files: Vec<File>) -> (Option<Scales>, Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let mut found = Vec::new();
    let mut scales: Vec<Scale> = Vec::new();
    for file in files {
        let mut own = Vec::new();
        let tree = read(file, "anshin-ledger-scale", &SCALE, &Vocabulary::default(), &mut sources, &mut own);
        if let Some(tree) = tree
            && let Some(scale) = typed::<Scale>(&tree, &mut own)
        {
            for threat in &scale.threats {
                for measures in &scale.measures {
                    let cells = scale.table.iter().filter(|cell| {
                        same(cell.threat, threat.value) && same(cell.measures, measures.value)
                    });
                    if cells.count() != 1 {
                        let (threat, measures) = (threat.value, measures.value);
                        let message = Text::new(
                            format!("脅威{threat}、対策{measures}の組が表にちょうど1つありません"),
                            format!(
                                "the table does not have the pair of threat {threat} and measures {measures} exactly once"
                            ),
                        );
                        own.push(
                            Diagnostic::error(Code::MissingKey, message).at(place(&tree, "table")).hint(
                                Text::new("すべての組を1行ずつ書いてください", "write one row for each pair"),
                            ),
                        );
                    }
                }
            }
            let bands = list(&tree, "bands");
            let falls = scale.bands.windows(2).all(|pair| match (pair[0].from, pair[1].from) {
                (Some(a), Some(b)) => a > b,
                (Some(_), None) => true,
                _ => false,
            });
            if !falls || scale.bands.last().is_none_or(|band| band.from.is_some()) {
                own.push(
                    Diagnostic::error(
                        Code::OutOfRange,
                        Text::new("評価の`from`が下がっていません", "the `from` of the bands does not fall"),
                    )
                    .at(bands.first().map_or(tree.span, |node| node.span))
                    .hint(Text::new(
                        "高い順に並べ、最後だけ`from`を省いてください",
                        "put the highest first, and leave `from` out in the last one only",
                    )),
                );
            }
            match scales.iter_mut().find(|known| known.id == scale.id) {
                Some(known) => *known = scale,
                None => scales.push(scale),
            }
        }
        found.extend(own);
    }
    diagnostic::sort(&mut found);
    let scales = (!diagnostic::has_errors(&found)).then_some(Scales(scales));
    (scales, sources, found)
}
