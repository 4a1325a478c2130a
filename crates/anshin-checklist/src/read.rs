//! From the bytes of one file to a tree that has been checked against its shape.

use anshin_model::Text;
use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::shape::{self, Object, Vocabulary};
use anshin_model::tree::{self, Limits, Node, Sources, Span};

/// What a checklist, an answers file or a ledger may hold.
pub const LIMITS: Limits = Limits { bytes: 8 << 20, depth: 32, nodes: 400_000, aliased: 20_000 };

/// A file: the name that messages show, and its bytes.
#[derive(Debug, Clone)]
pub struct File {
    /// Path as shown in messages.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Reads a file that begins with `key: 1` and checks it against its shape.
///
/// The tree is there if the file is of this kind and version, with or without errors.
pub(crate) fn read(
    file: File,
    key: &str,
    object: &'static Object,
    vocabulary: &Vocabulary,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let File { name, bytes } = file;
    let text = match tree::decode(bytes, LIMITS) {
        Ok(text) => text,
        Err((code, message, hint)) => {
            let file = Text::same(name);
            let message = Text::new("`{file}`: {message}", "`{file}`: {message}")
                .fill(&[("file", &file), ("message", &message)]);
            found.push(Diagnostic::error(code, message).hint_if(hint));
            return None;
        }
    };
    let id = sources.add(name, text);
    let root = match tree::parse(sources, id, LIMITS) {
        Ok((root, more)) => {
            found.extend(more);
            root
        }
        Err(error) => {
            found.push(*error);
            return None;
        }
    };
    let version = root.get(key);
    let begin = Span { end: root.span.start, ..root.span };
    match version.and_then(Node::scalar) {
        Some("1") => {}
        Some(other) if !other.is_empty() && other.bytes().all(|byte| byte.is_ascii_digit()) => {
            found.push(
                Diagnostic::error(
                    Code::Version,
                    Text::new(
                        format!("形式の版{other}は、このプログラムより新しいものです"),
                        format!("format version {other} is newer than this program"),
                    ),
                )
                .at(version.map_or(begin, |node| node.span))
                .hint(Text::new(
                    "新しいAnshinを使ってください。ファイルには手を付けていません",
                    "use a newer Anshin; the file has not been touched",
                )),
            );
            return None;
        }
        _ => {
            found.push(
                Diagnostic::error(
                    Code::Version,
                    Text::new(
                        format!("形式の版`{key}: 1`がありません"),
                        format!("the format version `{key}: 1` is missing"),
                    ),
                )
                .at(version.map_or(begin, |node| node.span))
                .hint(Text::new(
                    format!("1行目に`{key}: 1`と書いてください"),
                    format!("write `{key}: 1` in the first line"),
                )),
            );
            return None;
        }
    }
    let shown_by = match key {
        "anshin-checklist" => "anshin checklist schema",
        "anshin-answers" => "anshin checklist schema --answers",
        _ => "docs/checklists.md",
    };
    found.extend(shape::check(&root, object, vocabulary, shown_by));
    Some(root)
}

/// Turns a checked tree into a type; a failure is a fault of the program.
pub(crate) fn typed<T: serde::de::DeserializeOwned>(root: &Node, found: &mut Vec<Diagnostic>) -> Option<T> {
    if diagnostic::has_errors(found) {
        return None;
    }
    match T::deserialize(root) {
        Ok(value) => Some(value),
        Err(error) => {
            found.push(Diagnostic::error(Code::Internal, Text::same(error.to_string())).at(root.span));
            None
        }
    }
}
