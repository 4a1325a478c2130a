//! What of a machine is metered, and how it is read: after a restart it may be read in another way, and what was
//! learnt before is worth as much as that allows.

use anshin_model::{Lang, Text};
use serde::{Deserialize, Serialize};

use crate::config::{Input, Says, Source};
use crate::meter::Kind;
use crate::reading::What;

/// What of a machine is metered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metered(Vec<(String, f64)>);

/// How it is metered otherwise than before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remeasured {
    /// The same values give so many times as much.
    Scaled(f64),
    /// Something else is metered.
    Anew,
}

/// Factors that differ by less are the same.
const SAME: f64 = 1e-9;

impl Metered {
    /// By the inputs of a machine and their sources.
    pub(crate) fn new(kind: Kind, inputs: &[Input], sources: &[Source]) -> Self {
        let (is_counter, per) = match kind {
            Kind::Rate { per } => (false, per),
            Kind::Counter { .. } => (true, 1.0),
        };
        let meant = inputs.iter().filter(|input| match input.is {
            Says::Power => !is_counter,
            Says::Counter => is_counter,
            _ => false,
        });
        let parts = meant.flat_map(|input| {
            let source = sources.iter().find(|source| source.id == input.from);
            let registers = source.map_or(&[][..], |source| &source.registers);
            input.take.iter().map(move |name| {
                let register = registers.iter().find(|register| register.id.as_str() == name);
                let factor = input.factor * register.map_or(1.0, |register| register.factor) / per;
                let topic = input.topic.as_deref().unwrap_or_default();
                let sign = if input.absolute { "absolute" } else { "signed" };
                (format!("{is_counter} {} {topic} {name} {sign}", input.from), factor)
            })
        });
        // In whatever order they are written, their sum is the same.
        let mut parts: Vec<(String, f64)> = parts.collect();
        parts.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self(parts)
    }

    /// What is otherwise than it was before.
    pub(crate) fn change(&self, before: &Self) -> Option<Remeasured> {
        let names = |of: &Self| of.0.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        if names(self) != names(before) {
            return Some(Remeasured::Anew);
        }
        let mut ratios = self.0.iter().zip(&before.0).map(|((_, now), (_, before))| now / before);
        let first = ratios.next()?;
        let is_same = |one: f64, other: f64| (one / other - 1.0).abs() < SAME;
        if !(first.is_finite() && first > 0.0 && ratios.all(|ratio| is_same(ratio, first))) {
            return Some(Remeasured::Anew);
        }
        (!is_same(first, 1.0)).then_some(Remeasured::Scaled(first))
    }
}

impl Remeasured {
    /// A reading that was taken down before, as it would be now; `None` if nobody knows.
    pub(crate) fn reading(self, what: &What) -> Option<What> {
        match (self, what) {
            (Remeasured::Scaled(times), What::Power(value)) => Some(What::Power(value * times)),
            (Remeasured::Scaled(times), What::Counter(value)) => Some(What::Counter(value * times)),
            (Remeasured::Anew, What::Power(_) | What::Counter(_)) => None,
            _ => Some(what.clone()),
        }
    }

    /// What a person is told of a machine.
    pub fn text(self, name: &Text) -> Text {
        let (ja, en) = (name.get(Lang::Ja), name.get(Lang::En));
        match self {
            Remeasured::Scaled(times) => {
                let times = (times * 1e6).round() / 1e6;
                Text::new(
                    format!(
                        "{ja}: 計測値の倍率が前回の{times}倍に変わったので、覚えた使用量の基準も{times}倍にしました。計器や変流器そのものを取り替えた場合は、`anshin monitor forget`で基準を忘れさせてください"
                    ),
                    format!(
                        "{en}: the factor of what is metered is {times} times what it was, and the references of what cycles take have been changed with it; if the meter or its transformer was replaced, let them be forgotten with `anshin monitor forget`"
                    ),
                )
            }
            Remeasured::Anew => Text::new(
                format!(
                    "{ja}: 計器の設定（`meter`、または`is: power`や`is: counter`の入力）が前回と違うので、使用量の基準を覚え直します。時間の基準はそのままです"
                ),
                format!(
                    "{en}: what is metered differs from before (`meter`, or the inputs that are `power` or `counter`), so what cycles take is learnt anew; the references of their time stay"
                ),
            ),
        }
    }
}
