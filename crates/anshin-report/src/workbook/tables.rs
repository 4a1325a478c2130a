//! The sheets that people fill in, made from the shape of the document's format: a sheet for each
//! list, a column for each key.

use anshin_model::shape::{Field as Key, Object, Shape};
use anshin_model::{Text, format};

use crate::words;

/// A table of facts.
pub(super) struct Table {
    /// Its id: the list of the document, or the key of the list inside an item.
    pub(super) id: &'static str,
    /// What its rows are.
    pub(super) rows: Rows,
    /// Its columns; for [`Rows::Values`] its rows.
    pub(super) fields: Vec<Field>,
}

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Single values of the document.
    Values,
    /// The items of a list.
    Items,
    /// The entries of a list inside the items of another list: list, and key of the items.
    Inside(&'static str, &'static str),
    /// Decisions, each beside its proposal.
    Decisions,
}

/// A column: a key of the format, keys of inner maps opened up.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// The keys that lead to the value, joined by dots.
    pub(super) id: String,
    /// The object of the format whose key it is.
    pub(super) object: &'static str,
    /// The keys that lead to the value.
    pub(super) path: Vec<&'static str>,
    /// What it holds.
    pub(super) kind: Kind,
    /// Whether it holds any number of values.
    pub(super) many: bool,
    /// Whether it must be filled in.
    pub(super) required: bool,
    /// Its title.
    pub(super) title: Text,
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text for people, shown in the language of the workbook.
    Text,
    /// A string.
    Line,
    /// The id of the row's item.
    Id,
    /// Yes or no.
    Bool,
    /// A number.
    Number,
    /// A date.
    Date,
    /// One of a few words: the key they stand under, and the words.
    Choice(&'static str, &'static [(&'static str, &'static str)]),
    /// A word of the catalog.
    Known(&'static str),
    /// The id of an item.
    Ref(&'static str),
    /// A risk scenario.
    Scenario,
    /// The place in an ordered list; it is not a value of the document.
    Order,
    /// Whether a list is there and empty, which says that there is none.
    None,
}

/// The object under a key of the whole document.
fn object_of(key: &Key) -> Option<&'static Object> {
    match &key.shape {
        Shape::Object(object) | Shape::Items(object) | Shape::List(Shape::Object(object)) => Some(object),
        _ => None,
    }
}

/// All tables, in the order of the format.
pub(super) fn tables() -> Vec<Table> {
    let mut values = Table { id: "system", rows: Rows::Values, fields: Vec::new() };
    let mut lists = Vec::new();
    for key in format::DOCUMENT.fields {
        let Some(object) = object_of(key) else { continue };
        match &key.shape {
            Shape::Object(_) => {
                let found = flatten(object, &[key.name], None);
                values.fields.extend(found.into_iter().filter(|field| field.kind != Kind::Id));
            }
            Shape::Items(_) => {
                lists.push(Table { id: key.name, rows: Rows::Items, fields: flatten(object, &[], None) });
                for inner in object.fields {
                    if let Shape::List(Shape::Object(entry) | Shape::Short(entry)) = &inner.shape {
                        lists.push(inside(key.name, object, inner, entry));
                    }
                }
            }
            _ => {
                let rows = if key.name == "decisions" { Rows::Decisions } else { Rows::Items };
                lists.push(Table { id: key.name, rows, fields: flatten(object, &[], None) });
            }
        }
    }
    lists.insert(0, values);
    lists
}

fn inside(list: &'static str, object: &'static Object, inner: &'static Key, entry: &'static Object) -> Table {
    let name = |name: &'static str, kind, title| Field {
        id: name.to_owned(),
        object: "",
        path: Vec::new(),
        kind,
        many: false,
        required: true,
        title,
    };
    let mut fields = vec![name(object.name, Kind::Ref(list), words::list(list))];
    if matches!(inner.shape, Shape::List(Shape::Short(_))) {
        fields.push(name("order", Kind::Order, Text::new("順番", "Order")));
    }
    fields.extend(flatten(entry, &[], None));
    Table { id: inner.name, rows: Rows::Inside(list, inner.name), fields }
}

/// The columns of an object.
fn flatten(object: &'static Object, before: &[&'static str], outer: Option<&Text>) -> Vec<Field> {
    let mut fields = Vec::new();
    for key in object.fields {
        let mut path = before.to_vec();
        path.push(key.name);
        let own = words::key(object.name, key.name);
        let title = match outer {
            Some(outer) => {
                Text::new("{outer}: {own}", "{outer}: {own}").fill(&[("outer", outer), ("own", &own)])
            }
            None => own,
        };
        let (kind, many) = match &key.shape {
            Shape::Object(inner) => {
                fields.extend(flatten(inner, &path, Some(&title)));
                continue;
            }
            Shape::List(Shape::Object(_)) => (Kind::None, false),
            Shape::List(Shape::Short(_)) | Shape::Items(_) | Shape::Short(_) => continue,
            Shape::List(inner) | Shape::OneOrMore(inner) => (kind_of(inner, key.name), true),
            Shape::Line if (object.name, key.name) == ("acceptance", "scenario") => (Kind::Scenario, false),
            shape => (kind_of(shape, key.name), false),
        };
        let title = match kind {
            Kind::None => Text::new("{own}が無い", "no {own}").fill(&[("own", &title)]),
            _ => title,
        };
        let required = key.required && before.is_empty();
        let (id, object) = (path.join("."), object.name);
        fields.push(Field { id, object, path, kind, many, required, title });
    }
    fields
}

fn kind_of(shape: &'static Shape, key: &'static str) -> Kind {
    match shape {
        Shape::Text => Kind::Text,
        Shape::Id => Kind::Id,
        Shape::Bool => Kind::Bool,
        Shape::Number(..) | Shape::Whole(..) => Kind::Number,
        Shape::Date => Kind::Date,
        Shape::Choice(words) => Kind::Choice(key, words),
        Shape::Known(section) => Kind::Known(section),
        Shape::Ref(list) => Kind::Ref(list),
        _ => Kind::Line,
    }
}

impl Table {
    /// The columns that a person sees; decisions stand beside their proposal.
    pub(super) fn index(&self, id: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.id == id)
    }

    /// The name of its sheet.
    pub(super) fn title(&self) -> Text {
        Text::new("記入 {name}", "Input {name}").fill(&[("name", &self.name())])
    }

    /// Its name.
    pub(super) fn name(&self) -> Text {
        let (ja, en) = match self.id {
            "system" => ("システムと目標", "System and target"),
            "stakeholders" => ("ステークホルダー", "Stakeholders"),
            "zones" => ("区分", "Zones"),
            "assets" => ("機器", "Assets"),
            "hazards" => ("危険源", "Hazards"),
            "data" => ("データ", "Data"),
            "links" => ("接続", "Links"),
            "flows" => ("データフロー", "Data flows"),
            "steps" => ("データフローの手順", "Steps of flows"),
            "subsystems" => ("分けて評価する部分", "Parts rated apart"),
            "incidents" => ("自分で挙げるインシデント", "Own incidents"),
            "measures" => ("対策の状況", "Measures taken"),
            "acceptances" => ("残るリスクの受容", "Accepted risk"),
            other => (other, other),
        };
        Text::new(ja, en)
    }

    /// What to fill in.
    pub(super) fn purpose(&self) -> Text {
        let (ja, en) = match self.id {
            "system" => (
                "対象とするシステムの名前、目的、使われ方と、受け入れるリスクの水準を書きます。",
                "Write the name, purpose and setting of the system, and how much risk is accepted.",
            ),
            "stakeholders" => (
                "関わる組織や人を1行に1つ書きます。適用主体はちょうど1つです。",
                "Write one row for each organization or person involved; exactly one is the lead.",
            ),
            "zones" => (
                "機器を置く場所やネットワークを書きます。",
                "Write the places and networks that assets stand in.",
            ),
            "assets" => (
                "機器、サーバ、サービス、アプリを1行に1つ書きます。",
                "Write one row for each device, server, service and application.",
            ),
            "hazards" => (
                "種類から決まるものと違うときだけ、機器が人に与えうる危害を書きます。",
                "Write how an asset can hurt people, only where it differs from what its kind says.",
            ),
            "data" => {
                ("保存する、または流れるデータを書きます。", "Write the data that is stored or carried.")
            }
            "links" => ("機器の間の接続を書きます。", "Write the connections between assets."),
            "flows" => ("データフローの名前を書きます。", "Write the names of data flows."),
            "steps" => (
                "データフローが通る接続を、順番に書きます。",
                "Write the links that each flow takes, in order.",
            ),
            "subsystems" => {
                ("分けて評価する部分があれば書きます。", "Write parts that are rated apart, if any.")
            }
            "incidents" => (
                "プログラムが挙げないインシデントを書き足します。",
                "Add incidents that the program does not propose.",
            ),
            "measures" => (
                "実施済み、予定、見送りの対策と、期限、費用、証跡を書きます。",
                "Write measures in place, planned or refused, with date, cost and evidence.",
            ),
            "acceptances" => (
                "対策をとっても残るリスクを、誰がいつまでなぜ受け入れるかを書きます。",
                "Write who accepts risk that stays after all measures, until when and why.",
            ),
            other => (other, other),
        };
        Text::new(ja, en)
    }

    /// Where it is used.
    pub(super) fn used_in(&self) -> Text {
        let (ja, en) = match self.id {
            "system" => ("概要、リスク基準、すべての評価", "Overview, criteria, all ratings"),
            "stakeholders" => ("リスクの評価、対策の実施主体", "Ratings, implementers"),
            "zones" | "links" => {
                ("システム構成図、攻撃の入口と広がり", "System diagram, ways in and how attacks spread")
            }
            "assets" => ("想定される脅威、対策要件", "Threats, requirements"),
            "hazards" => {
                ("インシデントの結果、第1軸の評価", "Results of incidents, rating on the first axis")
            }
            "data" => ("漏えいの評価、データフロー", "Rating of leaks, data flows"),
            "flows" | "steps" => ("データフロー図", "Data flow diagrams"),
            "subsystems" => ("リスクの評価", "Ratings"),
            "incidents" => ("想定されるセキュリティインシデントと結果", "Incidents and their results"),
            "measures" => ("実際に講じる対策、残っていること", "Plan, what is open"),
            "acceptances" => ("`anshin paths`のシナリオ", "Scenarios of `anshin paths`"),
            _ => ("", ""),
        };
        Text::new(ja, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key of the format is a column, a row, a sheet, or names a file.
    #[test]
    fn every_fact_of_the_format_has_its_place() {
        let tables = tables();
        let mut missing = Vec::new();
        for key in format::DOCUMENT.fields {
            let Some(object) = object_of(key) else {
                assert!(matches!(key.name, "anshin" | "from" | "include"), "{}", key.name);
                continue;
            };
            let single = matches!(key.shape, Shape::Object(_));
            let table =
                tables.iter().find(|t| t.id == if single { "system" } else { key.name }).expect("a table");
            for inner in object.fields {
                let own = if single { format!("{}.{}", key.name, inner.name) } else { inner.name.to_owned() };
                let opened = |field: &Field| field.id == own || field.id.starts_with(&format!("{own}."));
                let sheet = tables.iter().any(|t| t.rows == Rows::Inside(key.name, inner.name));
                if !table.fields.iter().any(opened) && !sheet && own != "system.id" {
                    missing.push(own);
                }
            }
        }
        assert_eq!(missing, Vec::<String>::new());
        for table in tables.iter().filter(|table| table.rows != Rows::Decisions) {
            assert!(!table.purpose().is_empty() && !table.used_in().is_empty(), "{}", table.id);
            assert_ne!(table.title().get(anshin_model::Lang::Ja), format!("記入 {}", table.id));
        }
    }
}
