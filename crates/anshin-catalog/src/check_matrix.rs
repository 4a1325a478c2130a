//! Whether a risk matrix is whole: its size, its classes and its cells.

use std::collections::BTreeSet;

use anshin_model::Text;
use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::shape::{did_you_mean, item_id, nearest};
use anshin_model::tree::{Node, Span};

use crate::attack::MATRIX_SIZE;

/// Checks what the shape of a matrix does not show; its shape is right.
pub(crate) fn check(matrix: &Node, found: &mut Vec<Diagnostic>) {
    let classes = |side: &str, found: &mut Vec<Diagnostic>| -> Vec<String> {
        let Some(list) = matrix.get(side) else { return Vec::new() };
        let ids: Vec<(String, Span)> = list.items().iter().filter_map(item_id).collect();
        let mut seen = BTreeSet::new();
        for (id, span) in &ids {
            if !seen.insert(id.as_str()) {
                found.push(wrong(
                    *span,
                    (
                        format!("区分`{id}`が`{side}`に2回あります"),
                        format!("the class `{id}` stands twice in `{side}`"),
                    ),
                    ("別の識別子にしてください", "give one of them another id"),
                ));
            }
        }
        ids.into_iter().map(|(id, _)| id).collect()
    };
    let (likelihood, effect) = (classes("likelihood", found), classes("effect", found));
    let risk = classes("risk", found);
    for (side, ids) in [("likelihood", &likelihood), ("effect", &effect)] {
        if let Some(list) = matrix.get(side).filter(|_| !MATRIX_SIZE.contains(&ids.len())) {
            found.push(wrong(
                list.span,
                (
                    format!("`{side}`の区分が{}個あります", ids.len()),
                    format!("`{side}` has {} classes", ids.len()),
                ),
                ("3個から6個にしてください", "write 3 to 6 of them"),
            ));
        }
    }
    thresholds(matrix, found);
    levels(matrix, found);
    cells(matrix, (&likelihood, &effect, &risk), found);
    for (key, ids) in [("cut", &risk), ("counts-from", &likelihood)] {
        if let Some(node) = matrix.get(key)
            && let Some(word) = node.scalar()
        {
            known(node, word, ids, found);
        }
    }
    for class in matrix.get("risk").map_or(&[][..], Node::items) {
        if let Some(node) = class.get("colour")
            && let Some(word) = node.scalar()
            && !is_colour(word)
        {
            found.push(wrong(
                node.span,
                (format!("`{word}`は色ではありません"), format!("`{word}` is not a colour")),
                ("`\"#c0392b\"`のように書いてください", "write it like `\"#c0392b\"`, in quotation marks"),
            ));
        }
    }
}

fn wrong(span: Span, (ja, en): (String, String), (hint_ja, hint_en): (&str, &str)) -> Diagnostic {
    Diagnostic::error(Code::Matrix, Text::new(ja, en)).at(span).hint(Text::new(hint_ja, hint_en))
}

fn known(node: &Node, word: &str, ids: &[String], found: &mut Vec<Diagnostic>) -> bool {
    if ids.iter().any(|id| id == word) {
        return true;
    }
    let all = ids.join(", ");
    found.push(
        Diagnostic::error(
            Code::Matrix,
            Text::new(format!("`{word}`という区分はありません"), format!("there is no class `{word}`")),
        )
        .at(node.span)
        .hint_if(nearest(word, ids.iter().map(String::as_str)).map(did_you_mean))
        .hint(Text::new(format!("あるもの: {all}"), format!("there are: {all}"))),
    );
    false
}

fn is_colour(word: &str) -> bool {
    word.len() == 7 && word.starts_with('#') && word[1..].bytes().all(|b| b.is_ascii_hexdigit())
}

/// A higher likelihood starts at fewer points, and the highest at none: every path is in one class.
fn thresholds(matrix: &Node, found: &mut Vec<Diagnostic>) {
    let classes = matrix.get("likelihood").map_or(&[][..], Node::items);
    let points = |class: &Node| -> Option<(u32, Span)> {
        let node = class.get("difficulty")?;
        Some((node.scalar()?.parse().ok()?, node.span))
    };
    let all: Vec<(u32, Span)> = classes.iter().filter_map(points).collect();
    for pair in all.windows(2) {
        if pair[1].0 >= pair[0].0 {
            found.push(wrong(
                pair[1].1,
                (
                    format!(
                        "起こりやすい区分の`difficulty`が{}から{}へ下がっていません",
                        pair[0].0, pair[1].0
                    ),
                    format!(
                        "`difficulty` does not fall from {} to {} towards the likelier class",
                        pair[0].0, pair[1].0
                    ),
                ),
                (
                    "起こりやすい区分ほど小さい値にしてください",
                    "the likelier the class, the smaller the number",
                ),
            ));
        }
    }
    if let Some((last, span)) = all.last().filter(|(last, _)| *last > 0) {
        found.push(wrong(
            *span,
            (
                format!("難しさが{last}点未満の経路を受ける区分がありません"),
                format!("no class takes a path of less than {last} points"),
            ),
            (
                "最も起こりやすい区分の`difficulty`を0にしてください",
                "set `difficulty` of the likeliest class to 0",
            ),
        ));
    }
}

/// Every class of effect but the lowest says from which levels it is reached.
fn levels(matrix: &Node, found: &mut Vec<Diagnostic>) {
    let classes = matrix.get("effect").map_or(&[][..], Node::items);
    for class in classes.iter().skip(1) {
        let named = ["recovery", "economic"].map(|axis| class.get(axis).is_some());
        let both = class.get("both").and_then(Node::scalar) == Some("true");
        if named == [false, false] || (both && named != [true, true]) {
            let (id, span) = item_id(class).unwrap_or_else(|| (String::new(), class.span));
            found.push(wrong(
                span,
                (
                    format!("影響の区分`{id}`に届く度合いが書かれていません"),
                    format!("the class of effect `{id}` does not say from which levels it is reached"),
                ),
                (
                    "`recovery`か`economic`を書いてください。`both: true`なら両方が必要です",
                    "write `recovery` or `economic`; with `both: true` it needs both",
                ),
            ));
        }
    }
    if let Some(class) = classes.first()
        && let Some(node) = class.get("recovery").or_else(|| class.get("economic"))
    {
        found.push(wrong(
            node.span,
            (
                "最も軽い影響の区分に条件があります".into(),
                "the lowest class of effect has a condition".into(),
            ),
            (
                "最も軽い区分は残りすべてを受けるので、条件を消してください",
                "it takes whatever no other class does; leave the condition out",
            ),
        ));
    }
}

/// The cells fill the whole matrix with known classes, and no cell falls towards more effect or likelihood.
fn cells(
    matrix: &Node,
    (likelihood, effect, risk): (&[String], &[String], &[String]),
    found: &mut Vec<Diagnostic>,
) {
    let Some(node) = matrix.get("cells") else { return };
    let rows = node.items();
    let mut complete = rows.len() == likelihood.len();
    if !complete {
        found.push(wrong(
            node.span,
            (
                format!("`cells`は{}行ですが、起こりやすさの区分は{}個です", rows.len(), likelihood.len()),
                format!("`cells` has {} rows for {} classes of likelihood", rows.len(), likelihood.len()),
            ),
            ("区分ごとに1行書いてください", "write one row for each class"),
        ));
    }
    let mut values: Vec<Vec<Option<usize>>> = Vec::new();
    for row in rows {
        if row.items().len() != effect.len() {
            complete = false;
            found.push(wrong(
                row.span,
                (
                    format!(
                        "この行には{}個の値がありますが、影響の区分は{}個です",
                        row.items().len(),
                        effect.len()
                    ),
                    format!(
                        "this row has {} values for {} classes of effect",
                        row.items().len(),
                        effect.len()
                    ),
                ),
                ("影響の区分ごとに1つ書いてください", "write one value for each class of effect"),
            ));
        }
        let read = row.items().iter().map(|cell| {
            let word = cell.scalar().unwrap_or_default();
            if !known(cell, word, risk, found) {
                complete = false;
            }
            risk.iter().position(|id| id == word)
        });
        values.push(read.collect());
    }
    if !complete {
        return;
    }
    for (l, row) in rows.iter().enumerate() {
        for (e, cell) in row.items().iter().enumerate() {
            let here = values[l][e];
            let falls_along = e > 0 && here < values[l][e - 1];
            let falls_up = l > 0 && here < values[l - 1][e];
            if falls_along || falls_up {
                let (ja, en) =
                    if falls_along { ("影響", "effect") } else { ("起こりやすさ", "likelihood") };
                found.push(wrong(
                    cell.span,
                    (
                        format!("{ja}が大きくなるのに、リスクが下がっています"),
                        format!("the risk falls although the {en} grows"),
                    ),
                    (
                        "影響や起こりやすさが大きいほど、同じかより高いリスクにしてください",
                        "give the same or a higher risk where effect or likelihood is greater",
                    ),
                ));
            }
        }
    }
}
