//! What stands in each worksheet of the framework.
//!
//! Source of the procedure and of the worksheets: IoT-SSF use cases, 2-2.

mod answers;
mod money;
mod monitor;
mod replay;
pub mod request;
mod risk;
mod scenarios;
mod what_is_assessed;
mod what_people_decide;
mod what_to_do;

pub use answers::answers_worksheet;
pub use money::money_worksheets;
pub use monitor::monitor_worksheet;
pub use replay::{replay_page, replay_worksheets, replays_page, replays_worksheet};
pub use scenarios::{InScenarios, scenario_worksheets};

use anshin_model::document::Harm;
use anshin_model::{Lang, Text};

use crate::subject::Subject;
use crate::worksheet::{Column, Worksheet};

/// All worksheets of a system, in the order of the framework's procedure.
pub fn worksheets(subject: &Subject<'_>) -> Vec<Worksheet> {
    vec![
        what_is_assessed::overview(subject),
        what_is_assessed::stakeholders(subject),
        what_is_assessed::assets(subject),
        what_is_assessed::flows(subject),
        risk::criteria(subject),
        risk::incidents(subject),
        risk::ratings(subject),
        risk::mapping(subject),
        what_to_do::policies(subject),
        what_to_do::threats(subject),
        what_to_do::candidates(subject),
        what_to_do::priority_assets(subject),
        what_to_do::plan(subject),
        what_people_decide::decisions(subject),
        what_people_decide::open(subject),
    ]
}

fn text(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text::new(ja.into(), en.into())
}

fn column(ja: &str, en: &str, width: u16) -> Column {
    Column::new(text(ja, en), width)
}

/// Texts joined as a list in each language.
fn join<'t>(texts: impl IntoIterator<Item = &'t Text>) -> Text {
    let texts: Vec<&Text> = texts.into_iter().collect();
    let all = |lang, with: &str| texts.iter().map(|t| t.get(lang)).collect::<Vec<_>>().join(with);
    text(all(Lang::Ja, "、"), all(Lang::En, ", "))
}

/// A word before a text: `製造: 製造元`.
fn labelled(ja: &str, en: &str, value: &Text) -> Text {
    text(format!("{ja}: {}", value.get(Lang::Ja)), format!("{en}: {}", value.get(Lang::En)))
}

fn harm_name(harm: Harm) -> Text {
    match harm {
        Harm::MinorInjury => text("軽傷", "minor injury"),
        Harm::SeriousInjury => text("重傷", "serious injury"),
        Harm::Death => text("死亡", "death"),
    }
}
