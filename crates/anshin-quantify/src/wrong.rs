//! What is wrong with a number, for people, and what to do about it.

use anshin_model::Text;
use anshin_simulate::WrongNumber;

/// What is wrong, for a person.
pub(crate) fn message(wrong: &WrongNumber) -> Text {
    let ja = match *wrong {
        WrongNumber::NotFinite => "有限の数ではありません".to_owned(),
        WrongNumber::Negative(value) => format!("{value}は負の数です"),
        WrongNumber::TooLarge { value, most } => format!("{value}は上限（{most}）を超えています"),
        WrongNumber::NoProbability(value) => format!("{value}は1を超えるので、確率ではありません"),
        WrongNumber::LowAboveHigh { low, high } => format!("下限{low}が上限{high}を超えています"),
        WrongNumber::LikelyOutside { least, likely, most } => {
            format!("最もありそうな値{likely}が、最小{least}と最大{most}の間にありません")
        }
        WrongNumber::BeginsAtZero => "90%区間の下限は0より大きくなければなりません".to_owned(),
        WrongNumber::TooWide { low, high, times } => {
            format!("上限{high}が下限{low}の{times}倍を超えています")
        }
    };
    Text::new(ja, wrong.to_string())
}

/// What to do about it.
pub(crate) fn hint(wrong: &WrongNumber) -> Text {
    match wrong {
        WrongNumber::NotFinite | WrongNumber::Negative(_) => {
            Text::new("0以上の数を書いてください", "write a number from 0 up")
        }
        WrongNumber::TooLarge { .. } => {
            Text::new("単位と桁を確かめてください", "check the unit and the number of digits")
        }
        WrongNumber::NoProbability(_) => Text::new(
            "確率は0から1の間で書いてください（30%なら0.3）",
            "write a probability from 0 to 1, such as 0.3 for 30 %",
        ),
        WrongNumber::LowAboveHigh { .. } => Text::new(
            "小さい方を`low`、大きい方を`high`に書いてください",
            "put the smaller number into `low` and the larger into `high`",
        ),
        WrongNumber::LikelyOutside { .. } => Text::new(
            "`least`≦`likely`≦`most`になるように書いてください",
            "write them so that `least` ≤ `likely` ≤ `most`",
        ),
        WrongNumber::BeginsAtZero => Text::new(
            "下限を0より大きくするか、`least`、`likely`、`most`の3点で書いてください",
            "raise the lower end above 0, or give `least`, `likely` and `most` instead",
        ),
        WrongNumber::TooWide { .. } => Text::new(
            "幅を狭めるか、場合を分けて別々のシナリオにしてください",
            "narrow the range, or split it into scenarios of their own",
        ),
    }
}
