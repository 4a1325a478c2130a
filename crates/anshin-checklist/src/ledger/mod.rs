//! The ledger of information assets: what there is, how important it is, and what risk it runs.

mod change;
mod sample;
mod scale;
mod table;

use std::collections::BTreeMap;

use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::shape::{Object, Shape, Vocabulary, optional, required};
use anshin_model::tree::{Node, Sources};
use anshin_model::{Id, Lang, Text};
use serde::Deserialize;

use crate::de::maybe_number;
use crate::load::list;
use crate::read::{File, read, typed};
pub use change::Brought;
pub use sample::sample;
pub use scale::{Medium, RiskBand, Scale, Scales, Value, load_scales};
pub use table::{Column, choices, from_csv, table};

static LEDGER: Object = Object {
    name: "ledger",
    about: "The information that a company keeps.",
    fields: &[
        required(
            "anshin-ledger",
            Shape::Choice(&[("1", "the first version of the format")]),
            "Version of the format.",
        ),
        optional("company", Shape::Text, "Name of the company."),
        optional("date", Shape::Date, "Date of the ledger."),
        optional("scale", Shape::Id, "The scale; handbook if left out."),
        optional(
            "media",
            Shape::Items(&MEDIUM),
            "How often threats occur and how far measures have come, by medium.",
        ),
        required("assets", Shape::List(&Shape::Object(&ASSET)), "The information, a row for each medium."),
    ],
};

static MEDIUM: Object = Object {
    name: "ledger-medium",
    about: "What is true of everything on a medium.",
    fields: &[
        required("id", Shape::Id, "A medium of the scale."),
        optional("threat", Shape::Number(0.0, 9.0), "How often threats occur."),
        optional("measures", Shape::Number(0.0, 9.0), "State of the measures."),
    ],
};

static ASSET: Object = Object {
    name: "ledger-asset",
    about: "A row of the ledger.",
    fields: &[
        optional("id", Shape::Id, "By which the row is found again; the web program gives one to each."),
        optional("business", Shape::Text, "Kind of business."),
        required("name", Shape::Text, "Name of the information."),
        optional("note", Shape::Text, "Remark."),
        optional("users", Shape::Text, "Who uses it."),
        optional("department", Shape::Text, "Who looks after it."),
        required("medium", Shape::Line, "What it is on: a medium of the scale, or words of your own."),
        optional("personal", Shape::Choice(PERSONAL), "Class of personal data."),
        required("confidentiality", Shape::Number(0.0, 9.0), "How bad it is if it leaks."),
        required("integrity", Shape::Number(0.0, 9.0), "How bad it is if it is wrong."),
        required("availability", Shape::Number(0.0, 9.0), "How bad it is if it is gone."),
        optional("kept-until", Shape::Line, "How long it is kept."),
        optional("registered", Shape::Date, "When it was entered."),
        optional("threat", Shape::Number(0.0, 9.0), "How often threats occur, if not as for its medium."),
        optional("measures", Shape::Number(0.0, 9.0), "State of the measures, if not as for its medium."),
    ],
};

const PERSONAL: &[(&str, &str)] = &[
    ("none", "no personal data"),
    ("personal", "personal data"),
    ("sensitive", "personal data that needs special care"),
    ("my-number", "individual numbers"),
];

/// A ledger.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Ledger {
    /// Name of the company.
    pub company: Option<Text>,
    /// Its date.
    pub date: Option<String>,
    /// The scale.
    pub scale: Option<Id>,
    /// What is true of everything on a medium.
    #[serde(default)]
    pub media: Vec<OnMedium>,
    /// Its rows.
    pub assets: Vec<Asset>,
}

/// What is true of everything on a medium.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct OnMedium {
    /// The medium.
    pub id: Id,
    /// How often threats occur.
    #[serde(default, deserialize_with = "maybe_number")]
    pub threat: Option<f64>,
    /// State of the measures.
    #[serde(default, deserialize_with = "maybe_number")]
    pub measures: Option<f64>,
}

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Asset {
    /// By which the row is found again.
    pub id: Option<Id>,
    /// Kind of business.
    #[serde(default)]
    pub business: Text,
    /// Its name.
    pub name: Text,
    /// A remark.
    #[serde(default)]
    pub note: Text,
    /// Who uses it.
    #[serde(default)]
    pub users: Text,
    /// Who looks after it.
    #[serde(default)]
    pub department: Text,
    /// What it is on.
    pub medium: String,
    /// Class of personal data.
    #[serde(default)]
    pub personal: Personal,
    /// How bad it is if it leaks.
    pub confidentiality: f64,
    /// How bad it is if it is wrong.
    pub integrity: f64,
    /// How bad it is if it is gone.
    pub availability: f64,
    /// How long it is kept.
    pub kept_until: Option<String>,
    /// When it was entered.
    pub registered: Option<String>,
    /// How often threats occur, if not as for its medium.
    pub threat: Option<f64>,
    /// State of the measures, if not as for its medium.
    pub measures: Option<f64>,
}

/// Class of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Personal {
    /// No personal data.
    #[default]
    None,
    /// Personal data.
    Personal,
    /// Personal data that needs special care.
    Sensitive,
    /// Individual numbers.
    MyNumber,
}

impl Personal {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Personal::None => "none",
            Personal::Personal => "personal",
            Personal::Sensitive => "sensitive",
            Personal::MyNumber => "my-number",
        }
    }
}

/// What a row comes to.
#[derive(Debug, Clone, Copy)]
pub struct Risk<'a> {
    /// The highest of confidentiality, integrity and availability.
    pub importance: f64,
    /// How often threats occur.
    pub threat: f64,
    /// State of the measures.
    pub measures: f64,
    /// Likelihood of damage.
    pub likelihood: f64,
    /// Importance times likelihood.
    pub value: f64,
    /// What the value means.
    pub band: Option<&'a RiskBand>,
}

/// A ledger, its text and everything that is wrong with it.
#[derive(Debug)]
pub struct LoadedLedger {
    /// The ledger; `None` if there are errors.
    pub ledger: Option<Ledger>,
    /// The file.
    pub sources: Sources,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// Columns that a table does not have; what a ledger says there stays.
    pub lacks: Vec<Column>,
}

/// Reads a ledger file in the program's own format.
pub fn load_ledger(file: File, scales: &Scales) -> LoadedLedger {
    let mut sources = Sources::default();
    let mut found = Vec::new();
    let tree = read(file, "anshin-ledger", &LEDGER, &Vocabulary::default(), &mut sources, &mut found);
    let mut ledger = None;
    if let Some(tree) = &tree
        && let Some(read) = typed::<Ledger>(tree, &mut found)
    {
        check(&read, tree, scales, &mut found);
        ledger = Some(read);
    }
    diagnostic::sort(&mut found);
    if diagnostic::has_errors(&found) {
        ledger = None;
    }
    LoadedLedger { ledger, sources, diagnostics: found, lacks: Vec::new() }
}

/// Values belong to the scale, and so do media that have settings.
fn check(ledger: &Ledger, tree: &Node, scales: &Scales, found: &mut Vec<Diagnostic>) {
    let Some(scale) = scales.get(ledger.scale.as_ref()) else {
        let id = ledger.scale.as_ref().map_or("", Id::as_str);
        let all = scales.ids().join(", ");
        found.push(
            Diagnostic::error(
                Code::UnknownReference,
                Text::new(format!("尺度`{id}`がありません"), format!("there is no scale `{id}`")),
            )
            .at(tree.get("scale").map_or(tree.span, |node| node.span))
            .hint(Text::new(format!("あるもの: {all}"), format!("there are: {all}"))),
        );
        return;
    };
    for node in list(tree, "media").iter().chain(list(tree, "assets")) {
        for key in ["confidentiality", "integrity", "availability", "threat", "measures"] {
            if let Some(value) = node.get(key)
                && let Some(number) = value.scalar().and_then(|word| word.parse::<f64>().ok())
                && let Err(hint) = scale.allows(key, number)
            {
                found.push(
                    Diagnostic::error(
                        Code::OutOfRange,
                        Text::new(
                            format!("`{number}`はこの尺度の値ではありません"),
                            format!("`{number}` is not a value of the scale"),
                        ),
                    )
                    .at(value.span)
                    .hint(hint),
                );
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    for node in list(tree, "assets").iter().filter_map(|asset| asset.get("id")) {
        if let Some(id) = node.scalar()
            && !seen.insert(id)
        {
            found.push(
                Diagnostic::error(
                    Code::DuplicateId,
                    Text::new(format!("`{id}`が2回使われています"), format!("`{id}` is used twice")),
                )
                .at(node.span)
                .hint(Text::new(
                    "行ごとに違うidにするか、省いてください",
                    "give each row an id of its own, or leave it out",
                )),
            );
        }
    }
    for node in list(tree, "media") {
        if let Some(id) = node.get("id")
            && let Some(word) = id.scalar()
            && scale.medium(word).is_none()
        {
            let all = scale.media.iter().map(|medium| medium.id.as_str()).collect::<Vec<_>>().join(", ");
            found.push(
                Diagnostic::error(
                    Code::UnknownReference,
                    Text::new(
                        format!("媒体`{word}`は尺度にありません"),
                        format!("the scale has no medium `{word}`"),
                    ),
                )
                .at(id.span)
                .hint(Text::new(format!("あるもの: {all}"), format!("there are: {all}"))),
            );
        }
    }
}

impl Ledger {
    /// What a row comes to.
    pub fn risk<'a>(&self, asset: &Asset, scale: &'a Scale) -> Risk<'a> {
        let medium = scale.medium(&asset.medium);
        let set = medium.and_then(|medium| self.media.iter().find(|own| own.id == medium.id));
        let threat = asset
            .threat
            .or(set.and_then(|set| set.threat))
            .or(medium.map(|medium| medium.threat))
            .unwrap_or_else(|| scale.worst(&scale.threats));
        let measures = asset
            .measures
            .or(set.and_then(|set| set.measures))
            .or(medium.map(|medium| medium.measures))
            .unwrap_or_else(|| scale.worst(&scale.measures));
        let importance = asset.confidentiality.max(asset.integrity).max(asset.availability);
        let likelihood = scale.likelihood(threat, measures);
        let value = importance * likelihood;
        let band = scale.bands.iter().find(|band| band.from.is_none_or(|from| value >= from));
        Risk { importance, threat, measures, likelihood, value, band }
    }

    /// The rows by risk value, the highest first; equal ones by importance, then in order.
    pub fn by_risk<'a, 's>(&'a self, scale: &'s Scale) -> Vec<(usize, &'a Asset, Risk<'s>)> {
        let mut rows: Vec<_> =
            self.assets.iter().enumerate().map(|(n, asset)| (n, asset, self.risk(asset, scale))).collect();
        rows.sort_by(|a, b| b.2.value.total_cmp(&a.2.value).then(b.2.importance.total_cmp(&a.2.importance)));
        rows
    }

    /// How many rows are in each band, best bands last.
    pub fn counts<'s>(&self, scale: &'s Scale) -> Vec<(&'s RiskBand, usize)> {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for asset in &self.assets {
            let value = self.risk(asset, scale).value;
            let band = scale.bands.iter().position(|band| band.from.is_none_or(|from| value >= from));
            *counts.entry(band.unwrap_or_default()).or_default() += 1;
        }
        let count = |(n, band)| (band, counts.get(&n).copied().unwrap_or_default());
        scale.bands.iter().enumerate().map(count).collect()
    }

    /// The ledger as the text of a file in the program's own format.
    pub fn to_yaml(&self, lang: Lang) -> String {
        use std::fmt::Write as _;
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let words = |text: &Text| {
            let (ja, en) = (text.get(Lang::Ja), text.get(Lang::En));
            if ja == en { quoted(ja) } else { format!("{{ ja: {}, en: {} }}", quoted(ja), quoted(en)) }
        };
        let mut out = String::from("anshin-ledger: 1\n");
        let _ = writeln!(
            out,
            "# {}",
            match lang {
                Lang::Ja => "情報資産管理台帳。`anshin ledger show`がリスク値を示します。",
                Lang::En => "Ledger of information assets. `anshin ledger show` works out the risk values.",
            }
        );
        if let Some(company) = &self.company {
            let _ = writeln!(out, "company: {}", words(company));
        }
        if let Some(date) = &self.date {
            let _ = writeln!(out, "date: {date}");
        }
        if let Some(scale) = &self.scale {
            let _ = writeln!(out, "scale: {scale}");
        }
        if !self.media.is_empty() {
            out.push_str("media:\n");
        }
        for medium in &self.media {
            let _ = write!(out, "  - {{ id: {}", medium.id);
            for (key, value) in [("threat", medium.threat), ("measures", medium.measures)] {
                if let Some(value) = value {
                    let _ = write!(out, ", {key}: {value}");
                }
            }
            out.push_str(" }\n");
        }
        out.push_str(if self.assets.is_empty() { "assets: []\n" } else { "assets:\n" });
        for asset in &self.assets {
            match &asset.id {
                Some(id) => {
                    let _ = writeln!(out, "  - id: {id}\n    name: {}", words(&asset.name));
                }
                None => {
                    let _ = writeln!(out, "  - name: {}", words(&asset.name));
                }
            }
            for (key, text) in [
                ("business", &asset.business),
                ("note", &asset.note),
                ("users", &asset.users),
                ("department", &asset.department),
            ] {
                if !text.is_empty() {
                    let _ = writeln!(out, "    {key}: {}", words(text));
                }
            }
            let _ = writeln!(out, "    medium: {}", quoted(&asset.medium));
            if asset.personal != Personal::None {
                let _ = writeln!(out, "    personal: {}", asset.personal.as_str());
            }
            let _ = writeln!(
                out,
                "    confidentiality: {}\n    integrity: {}\n    availability: {}",
                asset.confidentiality, asset.integrity, asset.availability
            );
            if let Some(until) = &asset.kept_until {
                let _ = writeln!(out, "    kept-until: {}", quoted(until));
            }
            if let Some(date) = &asset.registered {
                let _ = writeln!(out, "    registered: {date}");
            }
            for (key, value) in [("threat", asset.threat), ("measures", asset.measures)] {
                if let Some(value) = value {
                    let _ = writeln!(out, "    {key}: {value}");
                }
            }
        }
        out
    }
}
