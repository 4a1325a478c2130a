//! What incidents cost and how often they are to be expected, where the user has no numbers.

use anshin_model::Text;
use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::shape::{Field, Object, Shape};
use anshin_model::tree::Node;
use serde::Deserialize;

use crate::entry::{Origin, entry};
use crate::format::{ABOUT, BASIS, ID, NAME, SOURCE};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $ja:literal, $en:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];
            /// The words in files, each with its meaning.
            pub const WORDS: &'static [(&'static str, &'static str)] = &[$(($word, $en),)*];

            /// The word in files.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// The name for people.
            pub fn name(self) -> Text {
                match self { $($name::$variant => Text::new($ja, $en),)* }
            }

            /// By the word in files.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|own| own.as_str() == word)
            }
        }
    };
}

words! {
    /// What a cost is for.
    CostCategory {
        /// Investigation, advice, lawyers.
        Response = "response", "事故対応", "incident response";
        /// Restoring and keeping it from happening again.
        Recovery = "recovery", "復旧・再発防止", "recovery and prevention";
        /// Letters, notices, call centres.
        Notification = "notification", "通知・問い合わせ対応", "notification";
        /// What others are paid.
        Compensation = "compensation", "賠償・お詫び", "compensation";
        /// Profit that is not made.
        LostProfit = "lost-profit", "逸失利益", "lost profit";
        /// A whole incident, not split up.
        Whole = "whole", "損失の全体", "whole loss";
        /// Anything else.
        Other = "other", "その他", "other";
    }
}

words! {
    /// In which incidents a cost occurs.
    CostWhen {
        /// In all.
        Any = "any", "すべての事故", "every incident";
        /// When information gets out.
        Leak = "leak", "漏えい", "leak";
        /// When something stands still.
        Stop = "stop", "停止", "standstill";
        /// When people are hurt.
        Harm = "harm", "人への危害", "people are hurt";
        /// When a product turns out to be flawed.
        Recall = "recall", "同じ製品への波及", "flaw in all products";
    }
}

words! {
    /// What an amount is counted by.
    CostPer {
        /// The incident.
        Event = "event", "1件", "incident";
        /// Ten thousand people whose data got out.
        TenThousandPeople = "10000-people", "1万人", "10,000 people";
        /// The profit of a day, for each day of standstill.
        DayOfProfit = "day-of-profit", "停止1日の利益", "a day's profit for each day of standstill";
        /// The profit of a day; the amount is a number of days.
        ProfitDays = "profit-days", "1日の利益（額は日数）", "a day's profit, the amount being days";
        /// A device in the field that a recall reaches.
        Unit = "unit", "出荷した1台", "device in the field";
        /// A person who is hurt.
        PersonHurt = "person-hurt", "負傷者1人", "person hurt";
    }
}

words! {
    /// What a default range is a range of.
    RangeUnit {
        /// Yen for each incident.
        Money = "money", "円", "yen for each incident";
        /// Yen, otherwise.
        Yen = "yen", "円", "yen";
        /// Share of the turnover of a year for each incident.
        ShareOfTurnover = "share-of-turnover", "年間売上高に対する割合", "share of a year's turnover for each incident";
        /// Days.
        Days = "days", "日", "days";
        /// How many: people or devices.
        Count = "count", "人・台", "people or devices";
        /// Times a year in the whole system.
        TimesAYear = "times-a-year", "年間の件数", "times a year in the whole system";
    }
}

entry! {
    /// A cost of an incident.
    CostItem {
        /// Its name.
        name: Text,
        /// What it is.
        about: Text,
        /// What it is for.
        category: CostCategory,
        /// In which incidents it occurs.
        when: CostWhen,
        /// What the amount is counted by; the incident if left out.
        per: Option<CostPer>,
        /// Lower end of the 90 % interval, in yen.
        low: f64,
        /// Upper end of the 90 % interval, in yen.
        high: f64,
        /// How often it occurs in such an incident; always if left out.
        chance: Option<f64>,
        /// As of when.
        date: String,
    }
}

entry! {
    /// A range that is used where the user has given none.
    DefaultRange {
        /// What it is.
        about: Text,
        /// What it is a range of.
        unit: RangeUnit,
        /// Lower end of the 90 % interval.
        low: f64,
        /// Upper end of the 90 % interval.
        high: f64,
        /// As of when.
        date: String,
    }
}

const LOW: Field = Field::required("low", Shape::Number(0.0, 1e15), "Lower end of the 90 % interval.");
const HIGH: Field = Field::required("high", Shape::Number(0.0, 1e15), "Upper end of the 90 % interval.");
const DATE: Field = Field::required("date", Shape::Date, "As of when.");

pub(crate) static COST_ITEM: Object = Object {
    name: "cost-item",
    about: "A cost of an incident.",
    fields: &[
        ID,
        NAME,
        ABOUT,
        SOURCE,
        BASIS,
        Field::required("category", Shape::Choice(CostCategory::WORDS), "What it is for."),
        Field::required("when", Shape::Choice(CostWhen::WORDS), "In which incidents it occurs."),
        Field::optional(
            "per",
            Shape::Choice(CostPer::WORDS),
            "What the amount is counted by (event if left out).",
        ),
        LOW,
        HIGH,
        Field::optional(
            "chance",
            Shape::Number(0.0, 1.0),
            "How often it occurs in such an incident (1 if left out).",
        ),
        DATE,
    ],
};

pub(crate) static DEFAULT_RANGE: Object = Object {
    name: "default-range",
    about: "A range that is used where the user has given none.",
    fields: &[
        ID,
        ABOUT,
        SOURCE,
        BASIS,
        Field::required("unit", Shape::Choice(RangeUnit::WORDS), "What it is a range of."),
        LOW,
        HIGH,
        DATE,
    ],
};

/// Ranges whose ends stand the wrong way round, or begin at zero and do not end there.
pub(crate) fn check(items: &[Node], found: &mut Vec<Diagnostic>) {
    for item in items {
        let number = |key: &str| item.get(key)?.scalar()?.parse::<f64>().ok();
        let (Some(low), Some(high)) = (number("low"), number("high")) else { continue };
        if low > high || (low <= 0.0 && high > 0.0) {
            found.push(
                Diagnostic::error(
                    Code::OutOfRange,
                    Text::new(
                        format!("`low`（{low}）と`high`（{high}）が90%区間になっていません"),
                        format!("`low` ({low}) and `high` ({high}) make no 90 % interval"),
                    ),
                )
                .at(item.get("low").map_or(item.span, |node| node.span))
                .hint(Text::new(
                    "0より大きい下限と、それ以上の上限を書いてください",
                    "write a lower end above 0 and an upper end not below it",
                )),
            );
        }
    }
}
