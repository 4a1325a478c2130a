//! What people are told of an alert, in the same words wherever they read it: on the terminal, in mail, on a
//! page.

use anshin_catalog::Catalog;
use anshin_model::{Id, Lang, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::{Configuration, MachineConfiguration};
use crate::cycle::Doubt;
use crate::group::{GroupAlert, Shares};
use crate::judge::{Alert, AlertKind, SourceAlert};
use crate::meaning::Meaning;
use crate::reading::State;
use crate::touch::{Touched, TouchedScenario};
use crate::v1::unit;

/// A text as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Both {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

impl From<&Text> for Both {
    fn from(text: &Text) -> Self {
        Self { ja: text.get(Lang::Ja).to_owned(), en: text.get(Lang::En).to_owned() }
    }
}

impl From<&Both> for Text {
    fn from(both: &Both) -> Self {
        Text::new(both.ja.clone(), both.en.clone())
    }
}

impl Both {
    /// In a language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        }
    }
}

/// What is wrong, where, how far, what is likely behind it, and what to do first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Which alert.
    pub alert: String,
    /// Its name.
    pub name: Both,
    /// The machine, the source or the group.
    pub about: Both,
    /// The job in brackets, after a space; nothing where it is about no job.
    pub job: String,
    /// What has been seen.
    pub says: Both,
    /// What was measured against what should have been.
    pub measured: Option<Both>,
    /// What is likely behind it, likely ones first.
    pub causes: Vec<Both>,
    /// What to look at first.
    pub first: Vec<Both>,
    /// What it touches in the system document.
    pub system: Option<AtStake>,
}

/// What is at stake at an asset of the system document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtStake {
    /// The asset.
    pub asset: Both,
    /// How it can hurt people, and the scenarios that an alert may belong to.
    pub risks: Vec<Both>,
}

/// That a source is not connected, and why.
pub(crate) fn lost(source: &str, why: &Text) -> Text {
    Text::new(
        format!("入力元「{source}」につながりません（{}）。つなぎ直しています。", why.get(Lang::Ja)),
        format!("The source {source} is not connected ({}); it is tried again.", why.get(Lang::En)),
    )
}

impl Account {
    /// Of an alert of a machine.
    pub fn of_machine(machine: &MachineConfiguration, alert: &Alert, catalog: &Catalog) -> Self {
        let account = Self::new((alert.kind, None), &machine.name, machine.touched.as_ref(), catalog);
        Self { job: alert.of_job(), measured: measured(alert, unit(machine, alert.kind)), ..account }
    }

    /// Of an alert about a source.
    pub fn of_source(configuration: &Configuration, said: &SourceAlert, catalog: &Catalog) -> Self {
        let source = &configuration.sources[said.source];
        let name = said.name(source.id.as_str());
        Self::new((said.alert.kind, None), &name, source.touched.as_ref(), catalog)
    }

    /// Of an alert about machines that share something.
    pub fn of_group(configuration: &Configuration, said: &GroupAlert, catalog: &Catalog) -> Self {
        let group = &configuration.groups[said.group];
        let kind = (said.alert.kind, Some(group.shares));
        Self::new(kind, &said.name(configuration), group.touched.as_ref(), catalog)
    }

    /// Of a source that is not connected, and why: silence in which nothing but the source is known.
    pub fn of_lost_source(configuration: &Configuration, n: usize, why: &Text, catalog: &Catalog) -> Self {
        let source = &configuration.sources[n];
        let name = Text::same(source.id.as_str());
        let account = Self::new((AlertKind::Silent, None), &name, source.touched.as_ref(), catalog);
        let says = lost(source.id.as_str(), why);
        Self { says: Both::from(&says), ..account }
    }

    fn new(
        (kind, shares): (AlertKind, Option<Shares>),
        about: &Text,
        touched: Option<&Touched>,
        catalog: &Catalog,
    ) -> Self {
        let known = Meaning::of(kind, about, shares, catalog);
        let known = known.as_ref();
        let all = |texts: &[&Text]| texts.iter().map(|text| Both::from(*text)).collect();
        Self {
            alert: kind.id().to_owned(),
            name: known.map_or_else(|| Both::from(&Text::same(kind.id())), |known| Both::from(known.name)),
            about: Both::from(about),
            job: String::new(),
            says: known.map_or_else(Both::default, |known| Both::from(&known.says)),
            measured: None,
            causes: known.map_or_else(Vec::new, |known| all(&known.causes)),
            first: known.map_or_else(Vec::new, |known| all(&known.first)),
            system: touched.map(|touched| at_stake(touched, known.map(|known| known.threats))),
        }
    }

    /// What it is about, with the job.
    pub fn place(&self, lang: Lang) -> String {
        format!("{}{}", self.about.get(lang), self.job)
    }

    /// What a person may want to know beside, under headings.
    pub fn lists(&self) -> Vec<(Text, &[Both])> {
        let mut lists = vec![
            (Text::new("考えられる原因", "Likely causes"), &self.causes[..]),
            (Text::new("最初に確かめること", "Look at this first"), &self.first[..]),
        ];
        lists.retain(|(_, items)| !items.is_empty());
        if let Some(AtStake { asset, risks }) = &self.system {
            let heading = Text::new(
                format!("システムを構成する機器: {}", asset.ja),
                format!("Asset of the system: {}", asset.en),
            );
            lists.push((heading, risks));
        }
        lists
    }
}

/// What is at stake where an alert speaks for threats, if it is known for which.
fn at_stake(touched: &Touched, threats: Option<&[Id]>) -> AtStake {
    let hazards = touched.hazards.iter().map(|(_, name)| Both {
        ja: format!("危険: {}", name.get(Lang::Ja)),
        en: format!("Hazard: {}", name.get(Lang::En)),
    });
    let mut risks: Vec<Both> = hazards.collect();
    match threats {
        // Nobody shall take it for something that is missing.
        Some([]) if !touched.scenarios.is_empty() => risks.push(Both {
            ja: "リスクシナリオ: この警報は攻撃よりも故障や消耗を示すので、挙げていません".to_owned(),
            en:
                "Scenarios: none is named, for this alert points to a defect or wear rather than to an attack"
                    .to_owned(),
        }),
        threats => risks.extend(scenarios(touched, threats.unwrap_or_default())),
    }
    AtStake { asset: Both::from(&touched.name), risks }
}

/// A line for each incident and level of risk that an alert may belong to, with the ids of its scenarios.
fn scenarios(touched: &Touched, threats: &[Id]) -> Vec<Both> {
    let mut told: Vec<(&TouchedScenario, Vec<&str>)> = Vec::new();
    for own in touched.scenarios(threats) {
        let is_same = |of: &TouchedScenario| (&of.risk, &of.incident) == (&own.risk, &own.incident);
        match told.iter_mut().find(|(of, _)| is_same(of)) {
            Some((_, ids)) => ids.push(own.id.as_str()),
            None => told.push((own, vec![own.id.as_str()])),
        }
    }
    let line = |(own, ids): &(&TouchedScenario, Vec<&str>)| {
        let (risk, incident) = (&own.risk, &own.incident);
        let word = if ids.len() == 1 { "Scenario" } else { "Scenarios" };
        Both {
            ja: format!(
                "リスクシナリオ {}（{}）: {}",
                ids.join("、"),
                risk.get(Lang::Ja),
                incident.get(Lang::Ja)
            ),
            en: format!("{word} {} ({}): {}", ids.join(", "), risk.get(Lang::En), incident.get(Lang::En)),
        }
    };
    told.iter().map(line).collect()
}

/// What was measured against what should have been.
fn measured(alert: &Alert, unit: &str) -> Option<Both> {
    let (value, reference) = (amount(alert.value?, unit), amount(alert.reference?, unit));
    let off = alert.deviation.map(percent);
    let drifts = matches!(alert.kind, AlertKind::DurationDrifts | AlertKind::QuantityDrifts);
    if let Some(off) = off.as_ref().filter(|_| drifts) {
        return Some(Both {
            ja: format!("基準を覚えたときからのずれの平均 {off}（測定値 {value}、基準 {reference}）"),
            en: format!("Mean deviation since it was learnt {off} (measured {value}, reference {reference})"),
        });
    }
    if let Some(state) = alert.state {
        let (off_ja, off_en) =
            off.map_or_else(Default::default, |off| (format!("（{off}）"), format!(" ({off})")));
        let name = State::name(Some(state));
        let (ja, en) = (name.get(Lang::Ja), name.get(Lang::En));
        let (usual_ja, usual_en) =
            if alert.value > alert.reference { ("以下", "at most") } else { ("以上", "at least") };
        return Some(Both {
            ja: format!("状態「{ja}」: 測定値 {value}{off_ja}、いつもは{reference}{usual_ja}"),
            en: format!("State {en}: measured {value}{off_en}, usually {usual_en} {reference}"),
        });
    }
    let (of_ja, of_en) = match alert.kind {
        AlertKind::Stuck | AlertKind::PowerTooHigh => ("上限", "limit"),
        _ => ("基準", "reference"),
    };
    let (off_ja, off_en) =
        off.map_or_else(Default::default, |off| (format!("（{off}）"), format!(" ({off})")));
    Some(Both {
        ja: format!("測定値 {value}{off_ja}、{of_ja} {reference}"),
        en: format!("Measured {value}{off_en}, {of_en} {reference}"),
    })
}

/// What people read for the id of a finding about a cycle, or of a doubt about it.
const WORDS: [(&str, &str, &str); 21] = [
    ("healthy", "正常", "healthy"),
    ("inconclusive", "判断できず", "inconclusive"),
    ("outside", "範囲外", "outside"),
    ("broken-off", "途中で終了", "broken off"),
    ("unreliable", "判定せず", "not judged"),
    ("interrupted", "中断あり", "interrupted"),
    ("learning", "学習中", "learning"),
    ("learnt", "基準を記録", "reference learnt"),
    ("set-up", "段取り中", "set-up"),
    ("maintenance", "保全中", "maintenance"),
    ("gap", "計測の欠け", "samples are missing"),
    ("late", "遅れて届いたデータ", "late readings"),
    ("clock-step", "時計の変更", "a clock was set"),
    ("missing-start", "開始が不明", "the beginning is missing"),
    ("missing-end", "終了が不明", "the end is missing"),
    ("sparse", "計測が少ない", "too few samples"),
    ("too-long", "長すぎる", "too long"),
    ("counter-reset", "カウンターのリセット", "the counter was reset"),
    ("overload", "処理が追いつかない", "overload"),
    ("several", "複数のサイクルの可能性", "may be several cycles"),
    ("frozen", "計器の値が動かない", "the meter repeats itself"),
];

/// What people read for the id of a finding about a cycle, or of a doubt about it.
pub fn word(id: &str) -> Text {
    let known = WORDS.iter().find(|(known, _, _)| *known == id);
    known.map_or_else(|| Text::same(id), |(_, ja, en)| Text::new(*ja, *en))
}

/// What people read of the doubts about a cycle beside its finding. For how long its program was held is told
/// with that.
pub fn doubts<'a>(
    finding: &str,
    doubts: impl Iterator<Item = &'a str>,
    held: Option<f64>,
    lang: Lang,
) -> Vec<String> {
    let told = |doubt: &str| {
        let said = word(doubt).get(lang).to_owned();
        match held.filter(|_| doubt == Doubt::Interrupted.id()) {
            Some(seconds) if lang == Lang::Ja => Some(format!("中断 {seconds:.1} s")),
            Some(seconds) => Some(format!("held {seconds:.1} s")),
            None => (doubt != finding).then_some(said),
        }
    };
    doubts.filter_map(told).collect()
}

/// What people read of how a cycle was found, which is a line of JSON: what somebody did at the machine meanwhile
/// says more than that nothing was learnt.
pub fn found(cycle: &Value) -> Text {
    word(cycle["during"].as_str().or(cycle["finding"].as_str()).unwrap_or_default())
}

/// A number with its unit, with as many digits as it takes to see a difference.
pub fn amount(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        _ if matches!(unit, "s" | "W") => 1,
        large if large >= 100.0 => 1,
        usual if usual >= 1.0 => 2,
        _ => 4,
    };
    format!("{value:.digits$} {unit}")
}

/// A part as a percentage. What rounds to nothing is never negative.
pub fn percent(part: f64) -> String {
    format!("{:+.1} %", (part * 1000.0).round() / 10.0 + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::Doubts;
    use crate::judge::Change;
    use crate::time::Time;

    #[test]
    fn every_doubt_has_its_words() {
        for doubt in Doubts::ALL {
            assert_eq!(serde_json::to_value(doubt).unwrap(), doubt.id());
            assert!(WORDS.iter().any(|(known, ..)| *known == doubt.id()), "{doubt:?}");
        }
    }

    #[test]
    fn what_a_finding_says_is_not_said_again_as_a_doubt() {
        let told = |finding, held| {
            let all = ["gap", "interrupted"].into_iter();
            [Lang::Ja, Lang::En].map(|lang| doubts(finding, all.clone(), held, lang).join(", "))
        };
        assert_eq!(told("interrupted", None), ["計測の欠け", "samples are missing"]);
        assert_eq!(told("healthy", None), ["計測の欠け, 中断あり", "samples are missing, interrupted"]);
        assert_eq!(
            told("healthy", Some(12.0)),
            ["計測の欠け, 中断 12.0 s", "samples are missing, held 12.0 s"]
        );
    }

    #[test]
    fn what_a_defect_says_names_no_scenario_and_scenarios_of_one_incident_share_a_line() {
        let scenario = |id: &str, incident: &str| TouchedScenario {
            id: Id::from(id.to_owned()),
            incident: Text::same(incident),
            risk: Text::same("high"),
            threats: vec![Id::from("tampering".to_owned())],
        };
        let scenarios =
            vec![scenario("a.1", "it burns"), scenario("b", "it stops"), scenario("a.2", "it burns")];
        let hazards = vec![(Id::from("fire".to_owned()), Text::same("fire"))];
        let touched = Touched { name: Text::same("press"), hazards, scenarios };
        let risks = |threats: &[Id]| {
            let risks = at_stake(&touched, Some(threats)).risks.into_iter();
            risks.flat_map(|risk| [risk.ja, risk.en]).collect::<Vec<_>>()
        };
        assert_eq!(
            risks(&[Id::from("tampering".to_owned())]),
            [
                "危険: fire",
                "Hazard: fire",
                "リスクシナリオ a.1、a.2（high）: it burns",
                "Scenarios a.1, a.2 (high): it burns",
                "リスクシナリオ b（high）: it stops",
                "Scenario b (high): it stops",
            ]
        );
        assert_eq!(
            risks(&[])[2..],
            [
                "リスクシナリオ: この警報は攻撃よりも故障や消耗を示すので、挙げていません",
                "Scenarios: none is named, for this alert points to a defect or wear rather than to an attack",
            ]
        );
    }

    #[test]
    fn what_was_measured_is_told_with_its_unit() {
        let now = Time::from_seconds(0.0);
        let text = |kind, value, reference, deviation, unit: &str| {
            let alert = Alert {
                value: Some(value),
                reference: Some(reference),
                deviation,
                ..Alert::plain(kind, Change::Raised, now, now)
            };
            let both = measured(&alert, unit).unwrap();
            (both.ja, both.en)
        };
        let both = |ja: &str, en: &str| (ja.to_owned(), en.to_owned());
        assert_eq!(
            text(AlertKind::TooSlow, 30.0, 20.0, Some(0.5), "s"),
            both("測定値 30.0 s（+50.0 %）、基準 20.0 s", "Measured 30.0 s (+50.0 %), reference 20.0 s")
        );
        assert_eq!(
            text(AlertKind::TakesTooMuch, 0.0123, 0.01, Some(0.23), "kWh"),
            both(
                "測定値 0.0123 kWh（+23.0 %）、基準 0.0100 kWh",
                "Measured 0.0123 kWh (+23.0 %), reference 0.0100 kWh"
            )
        );
        assert_eq!(
            text(AlertKind::Stuck, 50.0, 23.0, None, "s"),
            both("測定値 50.0 s、上限 23.0 s", "Measured 50.0 s, limit 23.0 s")
        );
        assert_eq!(
            text(AlertKind::DurationDrifts, 20.9, 20.8, Some(0.08), "s"),
            both(
                "基準を覚えたときからのずれの平均 +8.0 %（測定値 20.9 s、基準 20.8 s）",
                "Mean deviation since it was learnt +8.0 % (measured 20.9 s, reference 20.8 s)"
            )
        );
        let rest = Alert {
            value: Some(450.0),
            reference: Some(300.0),
            deviation: Some(0.5),
            state: Some(State::Idle),
            ..Alert::plain(AlertKind::PowerOutsideState, Change::Raised, now, now)
        };
        let Both { ja, en } = measured(&rest, "W").unwrap();
        assert_eq!(ja, "状態「待機」: 測定値 450.0 W（+50.0 %）、いつもは300.0 W以下");
        assert_eq!(en, "State idle: measured 450.0 W (+50.0 %), usually at most 300.0 W");
        assert_eq!(percent(-0.0001), "+0.0 %");
    }
}
