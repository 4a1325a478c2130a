//! Alerts that are over and that nobody has acknowledged: whoever comes in the morning hears of the night.

use anshin_catalog::Catalog;
use anshin_model::Text;
use anshin_monitor::Time;
use anshin_monitor::account::Account;
use anshin_monitor::config::MachineConfiguration;
use anshin_monitor::group::OpenAlert;
use anshin_monitor::judge::{Alert, Change};
use serde::{Deserialize, Serialize};

use super::{Panel, Shown, ShownAlert};
use crate::folder::Request;

/// Most alerts of one kind before the last one of which it is known when they began; more are counted.
const MOST_BEFORE: usize = 20;

/// An alert of a machine that is over and that nobody has acknowledged: the last one of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverAlert {
    /// It as it was raised.
    #[serde(flatten)]
    pub alert: ShownAlert,
    /// Since when it is over.
    pub over: String,
    /// How many of its kind were over before it, and nobody has acknowledged them either.
    #[serde(default)]
    pub earlier: u64,
    /// When the last of those began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Time>,
}

impl OverAlert {
    /// That it is over and nobody has acknowledged it, with the moment as it is to be told.
    pub fn text(&self, told: impl Fn(&str) -> String) -> Text {
        let over = told(&self.over);
        let (ja, en) = match self.earlier {
            0 => ("まだだれも確認していません".to_owned(), "nobody has acknowledged it".to_owned()),
            1 => (
                "これと、その前の同じ警報1件を、まだだれも確認していません".to_owned(),
                "nobody has acknowledged it, nor the one before it".to_owned(),
            ),
            many => (
                format!("これと、その前の同じ警報{many}件を、まだだれも確認していません"),
                format!("nobody has acknowledged it, nor the {many} before it"),
            ),
        };
        Text::new(format!("{over}に解消。{ja}"), format!("over since {over}; {en}"))
    }

    /// Takes away what a request acknowledges. Whoever has seen one has seen those of its kind before it. When each
    /// of them began; and whether there is a later one left.
    fn acknowledge(&mut self, request: &Request, asked: Option<Time>) -> (Vec<Time>, bool) {
        let mut began = self.before.clone();
        began.extend(Time::parse(&self.alert.since));
        let is_meant = |began: &Time| request.acknowledges(&self.alert.account.alert, *began, asked);
        let Some(last) = began.iter().rposition(is_meant) else { return (Vec::new(), true) };
        let mut left = began.split_off(last + 1);
        // The last one is told by itself.
        let is_left = left.pop().is_some();
        self.earlier = left.len() as u64;
        self.before = left;
        (began, is_left)
    }
}

/// How far an alert has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It is raised, and nobody has acknowledged it.
    Raised,
    /// It is raised, and somebody has.
    Acknowledged,
    /// It is over, and nobody has.
    Over,
}

impl Shown {
    /// The alerts of the machine of that number, and how far they have come.
    pub(crate) fn stages(&self, machine: usize) -> Vec<(OpenAlert, Stage)> {
        let stage = |alert: &ShownAlert| if alert.seen { Stage::Acknowledged } else { Stage::Raised };
        let raised = self.alerts.iter().map(|alert| (alert, stage(alert)));
        let all = raised.chain(self.over_alerts().map(|alert| (alert, Stage::Over)));
        all.filter_map(|(alert, stage)| Some((alert.open(machine)?, stage))).collect()
    }

    /// Alerts that are over and that nobody has acknowledged.
    pub fn over_alerts(&self) -> impl Iterator<Item = &ShownAlert> {
        self.over.iter().map(|one| &one.alert)
    }
}

impl Panel {
    /// An alert of a machine is raised, or it is over and somebody has seen it or not.
    pub fn alert(
        &mut self,
        (n, of): (usize, &MachineConfiguration),
        alert: &Alert,
        seen: bool,
        catalog: &Catalog,
    ) {
        if alert.change == Change::Raised {
            self.raised[n].insert(alert.kind, alert.clone());
            return;
        }
        let raised = self.raised[n].remove(&alert.kind);
        if seen {
            return;
        }
        // What is measured when it is over is how things should be.
        let plain = || Alert { deviation: None, value: None, reference: None, ..alert.clone() };
        let account = Account::of_machine(of, &raised.unwrap_or_else(plain), catalog);
        let over = &mut self.over[n];
        let last = over.iter().position(|one| one.alert.account.alert == account.alert);
        let (mut earlier, mut before) = (0, Vec::new());
        if let Some(last) = last.map(|at| over.remove(at)) {
            earlier = last.earlier + 1;
            before = last.before;
            before.extend(Time::parse(&last.alert.since));
            before.drain(..before.len().saturating_sub(MOST_BEFORE));
        }
        let since = alert.since.to_string();
        let alert_as_raised = ShownAlert { account, since, seen: false, acknowledged: None };
        over.push(OverAlert { alert: alert_as_raised, over: alert.at.to_string(), earlier, before });
    }

    /// Alerts of a machine that are over and that nobody has acknowledged.
    pub fn over(&self, n: usize) -> &[OverAlert] {
        &self.over[n]
    }

    /// Takes away what a request acknowledges of them; the kind of each, and when it began. `asked` is when the
    /// request was made, by the clock of the machine.
    pub fn acknowledge(&mut self, n: usize, request: &Request, asked: Option<Time>) -> Vec<(String, Time)> {
        let mut all = Vec::new();
        self.over[n].retain_mut(|one| {
            let (began, is_left) = one.acknowledge(request, asked);
            all.extend(began.into_iter().map(|began| (one.alert.account.alert.clone(), began)));
            is_left
        });
        all
    }

    /// Goes on from what was known of a machine: the alerts that were raised, and those that were over.
    pub fn recall(&mut self, n: usize, raised: impl IntoIterator<Item = Alert>, over: Vec<OverAlert>) {
        self.raised[n] = raised.into_iter().map(|alert| (alert.kind, alert)).collect();
        self.over[n] = over;
    }

    /// Goes on from alerts that were told and not kept.
    pub fn go_on(&mut self, n: usize, told: impl IntoIterator<Item = Alert>) {
        self.raised[n].extend(told.into_iter().map(|alert| (alert.kind, alert)));
    }
}

#[cfg(test)]
mod tests {
    use anshin_model::Lang;
    use anshin_monitor::config;
    use anshin_monitor::judge::AlertKind;

    use super::*;

    const FACTORY: &str = "
anshin-monitor: 1
sources: [ { id: line, kind: mqtt } ]
machines:
  - { id: press, cycle: { by: events }, input: [ { from: line, take: p, is: power } ] }
";

    fn second(second: usize) -> Time {
        Time::from_seconds(f64::from(u32::try_from(second).unwrap()))
    }

    #[test]
    fn what_was_over_many_times_is_one_until_somebody_has_seen_it() {
        let factory = config::load("test.yaml", FACTORY).configuration.unwrap();
        let catalog = anshin_catalog::load(Vec::new()).catalog.unwrap();
        let mut panel = Panel::new(1);
        let happen = |panel: &mut Panel, began: usize, seen: bool| {
            for (change, after) in [(Change::Raised, 1), (Change::Cleared, 5)] {
                let alert = Alert::plain(AlertKind::TooSlow, change, second(began), second(began + after));
                let alert = Alert { value: Some(26.0), reference: Some(20.0), ..alert };
                panel.alert((0, &factory.machines[0]), &alert, seen, &catalog);
            }
        };
        happen(&mut panel, 100, true);
        assert_eq!(panel.over(0), [], "somebody has seen it while it was raised");
        for n in 0..30 {
            happen(&mut panel, 1_000 + n * 10, false);
        }
        let [last] = panel.over(0) else { panic!("{:?}", panel.over(0)) };
        assert_eq!((last.earlier, last.before.len()), (29, MOST_BEFORE));
        assert_eq!((&last.alert.since, &last.over), (&second(1_290).to_string(), &second(1_295).to_string()));
        assert!(last.alert.account.measured.as_ref().is_some_and(|both| both.en.contains("26")));
        let text = last.text(|_| "06:00".to_owned());
        assert_eq!(text.get(Lang::En), "over since 06:00; nobody has acknowledged it, nor the 29 before it");
        let kept = serde_json::to_string(panel.over(0)).unwrap();
        assert_eq!(serde_json::from_str::<Vec<OverAlert>>(&kept).unwrap(), panel.over(0));

        let request = |alert: Option<&str>, since: Option<usize>| Request::Acknowledge {
            machine: "press".to_owned(),
            alert: alert.map(str::to_owned),
            since: since.map(second),
            by: "Sato".to_owned(),
            note: None,
            asked: None,
        };
        assert_eq!(panel.acknowledge(0, &request(Some("stuck"), None), None), []);
        assert_eq!(panel.acknowledge(0, &request(None, None), Some(second(900))), [], "asked before");
        // Somebody has seen the last but one, and so what was before it.
        let seen = panel.acknowledge(0, &request(Some("too-slow"), Some(1_280)), None);
        assert_eq!(seen.len(), MOST_BEFORE);
        assert_eq!(seen[MOST_BEFORE - 1], ("too-slow".to_owned(), second(1_280)));
        assert_eq!(panel.over(0)[0].earlier, 0);
        assert_eq!(
            panel.acknowledge(0, &request(None, None), None),
            [("too-slow".to_owned(), second(1_290))]
        );
        assert_eq!(panel.over(0), []);
    }
}
