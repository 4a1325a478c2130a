//! Checklists from elsewhere.

use anshin_checklist::File;
use anshin_checklist::import::{Columns, Imported, Refused, from_ciso, from_table, mappings};
use anshin_model::{Text, id};

use super::args::ImportArgs;
use super::{Desk, fill_in, read_file, write_text};
use crate::input::{self, Failure};
use crate::{End, print, sheet};

/// Most remarks about what was left out that are shown.
const MOST: usize = 20;

/// Makes a checklist of something else.
pub(super) fn run(args: &ImportArgs, desk: Desk<'_>) -> Result<End, Failure> {
    if let Some(into) = &args.into {
        return fill_in::run(args, into, desk);
    }
    let file = read_file(&args.file)?;
    let refused = |refused: Refused| {
        input::report(&refused.sources, &refused.diagnostics, desk.output);
        Failure::Input
    };
    if let Some(mapping) = &args.mapping {
        let Some((from, to)) = mapping.split_once(',') else {
            return Err(Failure::new(
                "`--mapping`は`元のチェックシート,先のチェックシート`の形で書いてください",
                "write `--mapping` as `FROM,TO`",
            ));
        };
        let (lines, lost) = mappings(file, desk.list(from)?, desk.list(to)?).map_err(refused)?;
        if lost > 0 {
            desk.output.say(&Text::new(
                format!("{lost}件は、どちらかの項目が見つからないため省きました"),
                format!("{lost} were left out, because one of their items is not there"),
            ));
        }
        return print(desk.output, &lines);
    }
    let Some(path) = &args.output else { return Err(Failure::Input) };
    let shown = path.display();
    if path.exists() {
        return Err(Failure::new(
            format!("`{shown}`はすでにあります。別のファイル名を指定してください"),
            format!("`{shown}` exists already; name another file"),
        ));
    }
    let ending = args.file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let made = match ending.as_str() {
        "xlsx" | "csv" => table(args, &file, desk)?,
        _ => from_ciso(file).map_err(refused)?,
    };
    // What is written must be a checklist that can be used.
    let own = File { name: path.display().to_string(), bytes: made.yaml.clone().into_bytes() };
    let built_in = anshin_catalog::built_in_files_beside("checklists").into_iter();
    let files = built_in.map(|file| File { name: file.name, bytes: file.bytes }).chain([own]).collect();
    let loaded = anshin_checklist::load(files, desk.catalog);
    input::report(&loaded.sources, &loaded.diagnostics, desk.output);
    let lists = loaded.checklists.ok_or(Failure::Input)?;
    write_text(path, &made.yaml)?;
    for left in made.left.iter().take(MOST) {
        desk.output
            .say(&Text::new("取り込まなかったもの: {left}", "left out: {left}").fill(&[("left", left)]));
    }
    if made.left.len() > MOST {
        let more = made.left.len() - MOST;
        desk.output.say(&Text::new(format!("ほかに{more}件"), format!("and {more} more")));
    }
    let items = lists.get(&made.id).map_or(0, |list| list.items().count());
    let id = &made.id;
    desk.output.say(&Text::new(
        format!(
            "`{shown}`を書きました（{items}項目）。使うには: anshin checklist new {id} --catalog {shown}"
        ),
        format!("wrote `{shown}` ({items} items); to use it: anshin checklist new {id} --catalog {shown}"),
    ));
    Ok(End::Fine)
}

fn table(args: &ImportArgs, file: &File, desk: Desk<'_>) -> Result<Imported, Failure> {
    let (Some(like), Some(columns)) = (&args.like, &args.columns) else {
        return Err(Failure::new(
            "表には`--like チェックシート`と`--columns number=A,section=B,text=C`が必要です。記入した回答を取り込むには`--into 回答ファイル`を付けてください",
            "a table needs `--like CHECKLIST` and `--columns number=A,section=B,text=C`; to take over answers that were filled in, add `--into ANSWERS`",
        ));
    };
    let like = desk.list(like)?;
    let named = columns.split(',').find_map(|word| word.trim().strip_prefix("text=")).unwrap_or_default();
    let columns = Columns { skip: args.skip, ..parse(columns)? };
    let rows = sheet::named(sheet::of(file)?, args.sheet.as_deref())?;
    let has_text = |row: &Vec<String>| row.get(columns.text).is_some_and(|cell| !cell.trim().is_empty());
    if !rows.iter().skip(columns.skip).any(has_text) {
        let (named, file, skip) = (named.trim(), &file.name, columns.skip);
        return Err(Failure::new(
            format!(
                "`{file}`の列{named}に文がありません（読み飛ばす行: {skip}）。`--columns`の`text`と`--skip`を確かめてください"
            ),
            format!(
                "column {named} of `{file}` has no text (rows skipped: {skip}); look at `text` of `--columns`, and at `--skip`"
            ),
        ));
    }
    let own = args.id.clone().unwrap_or_else(|| format!("{}-official", like.id));
    if !id::is_path(&own) {
        return Err(Failure::new(
            format!("`{own}`は識別子として使えません（半角の英小文字、数字、ハイフン）"),
            format!("`{own}` cannot be used as an id (lowercase letters, digits, hyphens)"),
        ));
    }
    let title = args.title.clone().unwrap_or_else(|| like.title.get(desk.output.lang).to_owned());
    Ok(from_table(&rows, &columns, like, &own, &title))
}

/// Columns from `number=A,text=C`: letters as in a spreadsheet, or numbers from 1.
fn parse(words: &str) -> Result<Columns, Failure> {
    let mut columns = Columns { text: usize::MAX, ..Columns::default() };
    for word in words.split(',') {
        let wrong = || {
            Failure::new(
                format!("`{word}`は`名前=列`の形ではありません（名前: number, section, text, title, help）"),
                format!("`{word}` is not NAME=COLUMN (names: number, section, text, title, help)"),
            )
        };
        let (name, column) = word.split_once('=').ok_or_else(wrong)?;
        let column = column.trim();
        let n = match column.parse::<usize>() {
            Ok(number) => number.checked_sub(1),
            Err(_)
                if column.len() <= 3
                    && !column.is_empty()
                    && column.bytes().all(|b| b.is_ascii_alphabetic()) =>
            {
                let letters = column.bytes().map(|byte| usize::from(byte.to_ascii_uppercase() - b'A') + 1);
                letters.fold(0, |all, letter| all * 26 + letter).checked_sub(1)
            }
            Err(_) => None,
        };
        let n = n.ok_or_else(wrong)?;
        match name.trim() {
            "number" => columns.number = Some(n),
            "section" => columns.section = Some(n),
            "text" => columns.text = n,
            "title" => columns.title = Some(n),
            "help" => columns.help = Some(n),
            _ => return Err(wrong()),
        }
    }
    if columns.text == usize::MAX {
        return Err(Failure::new("`text`の列を指定してください", "name the column of `text`"));
    }
    Ok(columns)
}
