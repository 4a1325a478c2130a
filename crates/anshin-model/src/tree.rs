//! The text of a file as a tree of nodes, every node with its place.
//!
//! YAML and JSON are read by the same parser (JSON is a part of YAML). A scalar keeps the words it
//! was written with: what `no`, `010` or `12:30` means is decided by the shape that the place asks
//! for, never by the notation. Hostile input is stopped by [`Limits`].

use std::collections::BTreeMap;
use std::fmt;

use granit_parser::{Event, Parser, ScalarStyle};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use crate::diagnostic::{Code, Diagnostic};
use crate::text::Text;

/// Number of a file in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(u32);

/// A range of bytes in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A place for what was never written in a file.
    pub fn nowhere() -> Self {
        Span { file: FileId(0), start: 0, end: 0 }
    }
}

/// The files that one document or catalog was read from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// A file, or a cell of a table.
#[derive(Debug, Clone)]
struct Source {
    name: String,
    text: String,
    /// Where its lines begin, in bytes.
    line_starts: Vec<u32>,
    is_cell: bool,
}

impl Sources {
    /// Adds a file under the name that messages show.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.push(name.into(), text.into(), false)
    }

    /// Adds the words of a cell, such as one of a workbook. The name says where it stands: no line
    /// and column are told.
    pub fn add_cell(&mut self, name: impl Into<String>, words: impl Into<String>) -> Span {
        let words = words.into();
        let end = u32::try_from(words.len()).unwrap_or(u32::MAX);
        Span { file: self.push(name.into(), words, true), start: 0, end }
    }

    fn push(&mut self, name: String, text: String, is_cell: bool) -> FileId {
        let breaks = text.bytes().zip(1u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next);
        let line_starts = std::iter::once(0).chain(breaks).collect();
        self.files.push(Source { name, text, line_starts, is_cell });
        FileId(u32::try_from(self.files.len() - 1).expect("fewer than 2^32 files are read"))
    }

    /// Whether a place is a cell: its name is all there is to say about where it stands.
    pub fn is_cell(&self, file: FileId) -> bool {
        self.files[file.0 as usize].is_cell
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// The numbers of the files, in the order of reading.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..u32::try_from(self.files.len()).unwrap_or(u32::MAX)).map(FileId)
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The name of a file.
    pub fn name(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].name
    }

    /// The text of a file.
    pub fn text(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].text
    }

    /// Line and column of the start of a span, both counted from 1, columns in characters.
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        let starts = &self.files[span.file.0 as usize].line_starts;
        let line = starts.partition_point(|&start| start <= span.start);
        let first = starts[line - 1] as usize;
        let column = self.text(span.file)[first..span.start as usize].chars().count() + 1;
        (line, column)
    }
}

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing: `null`, `~` or an empty place.
    Null,
    /// Words. `plain` when they stand without quotes.
    Scalar {
        /// The words after quotes and escapes are taken away.
        text: Box<str>,
        /// Written without quotes.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A key of a map and its place.
#[derive(Debug, Clone)]
pub struct Key {
    /// The words of the key.
    pub text: Box<str>,
    /// Where it stands.
    pub span: Span,
}

impl Node {
    /// The node under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(k, _)| &*k.text == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The nodes of a list; nothing for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map; nothing for anything else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The words of a scalar.
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Number of scalar values below this node.
    pub fn leaves(&self) -> usize {
        match &self.value {
            Value::Null => 0,
            Value::Scalar { .. } => 1,
            Value::List(items) => items.iter().map(Node::leaves).sum(),
            Value::Map(entries) => entries.iter().map(|(_, node)| node.leaves()).sum(),
        }
    }
}

/// Bounds that keep hostile input from taking time or memory.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Size of one file in bytes.
    pub bytes: usize,
    /// Lists and maps inside each other.
    pub depth: usize,
    /// Values in one file, aliases counted as often as they are used.
    pub nodes: usize,
    /// Values that aliases (`*name`) repeat.
    pub aliased: usize,
}

impl Limits {
    /// The limits for files that people write: 64 MiB, 64 levels, 8 million values.
    pub const DEFAULT: Limits = Limits { bytes: 64 << 20, depth: 64, nodes: 8_000_000, aliased: 100_000 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Turns the bytes of a file into text: UTF-8, with or without a byte order mark.
///
/// # Errors
/// A diagnostic that names the encoding the file seems to have, and what to do.
pub fn decode(bytes: Vec<u8>, limits: Limits) -> Result<String, (Code, Text, Option<Text>)> {
    if bytes.len() > limits.bytes {
        return Err(too_large(limits));
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(wrong_encoding("UTF-16"));
    }
    let bytes = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => rest.to_vec(),
        None => bytes,
    };
    String::from_utf8(bytes).map_err(|error| {
        let bytes = error.as_bytes();
        for encoding in [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP] {
            let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
            let japanese = text.chars().any(|c| matches!(c, 'ぁ'..='ヿ' | '一'..='鿿'));
            if !had_errors && japanese {
                return wrong_encoding(encoding.name());
            }
        }
        let at = error.utf8_error().valid_up_to();
        (
            Code::Encoding,
            Text::new(
                format!("ファイルがUTF-8ではありません（{at}バイト目）"),
                format!("the file is not UTF-8 (at byte {at})"),
            ),
            Some(Text::new("UTF-8で保存し直してください", "save the file as UTF-8")),
        )
    })
}

fn wrong_encoding(name: &str) -> (Code, Text, Option<Text>) {
    (
        Code::Encoding,
        Text::new(
            format!("ファイルの文字コードが{name}です。UTF-8だけを読めます"),
            format!("the file is written in {name}; only UTF-8 can be read"),
        ),
        Some(Text::new(
            "エディターの「名前を付けて保存」で文字コードにUTF-8を選んでください",
            "in your editor choose \u{201c}Save as\u{201d} and the encoding UTF-8",
        )),
    )
}

/// The message for a file over the size limit.
pub fn too_large(limits: Limits) -> (Code, Text, Option<Text>) {
    let mib = limits.bytes >> 20;
    (
        Code::Limit,
        Text::new(
            format!("ファイルが大きすぎます（上限{mib} MiB）"),
            format!("the file is too large (limit {mib} MiB)"),
        ),
        Some(Text::new(
            "`include`を使って複数のファイルに分けてください",
            "split it into several files with `include`",
        )),
    )
}

/// Reads one file of [`Sources`] as a tree.
///
/// # Errors
/// The first place where the text is not YAML, or where a limit is passed. Duplicate keys do not
/// stop the reading: they are returned beside the tree.
pub fn parse(
    sources: &Sources,
    file: FileId,
    limits: Limits,
) -> Result<(Node, Vec<Diagnostic>), Box<Diagnostic>> {
    let text = sources.text(file);
    let options = granit_parser::options! {
        flow_nesting_limit: limits.depth + 1,
        block_nesting_limit: limits.depth + 1,
    };
    let parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder {
        file,
        limits,
        nodes: 0,
        aliased: 0,
        stack: Vec::new(),
        anchors: BTreeMap::new(),
        found: Vec::new(),
    };
    let mut root = None;
    let mut documents = 0;
    for event in parser {
        let (event, place) = event.map_err(|error| Box::new(syntax_error(file, text, &error)))?;
        let span = builder.span(text, &place);
        if matches!(event, Event::DocumentStart(..)) {
            documents += 1;
            if documents > 1 {
                return Err(Box::new(
                    Diagnostic::error(
                        Code::Syntax,
                        Text::new("1つのファイルに文書は1つだけです", "one file holds one document only"),
                    )
                    .at(span)
                    .hint(Text::new("`---`の行を取り除いてください", "remove the `---` line")),
                ));
            }
        }
        if let Some(node) = builder.event(event, span)? {
            root = Some(node);
        }
    }
    match root {
        Some(node) if !matches!(node.value, Value::Null) => Ok((node, builder.found)),
        _ => Err(Box::new(
            Diagnostic::error(Code::Empty, Text::new("ファイルが空です", "the file is empty"))
                .at(Span { file, start: 0, end: 0 })
                .hint(Text::new(
                    "`anshin init`で雛形から始められます",
                    "start from a template with `anshin init`",
                )),
        )),
    }
}

fn syntax_error(file: FileId, text: &str, error: &granit_parser::ScanError) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let start = u32::try_from(at).unwrap_or(u32::MAX);
    let end = text[at..].chars().next().map_or(start, |c| start + u32::try_from(c.len_utf8()).unwrap_or(1));
    let info = error.info();
    let span = Span { file, start, end };
    if info.contains("nesting") || info.contains("limit") {
        return Diagnostic::error(
            Code::Limit,
            Text::new("入れ子が深すぎます", "lists and maps are nested too deeply"),
        )
        .at(span)
        .hint(Text::new("文書の構造を平らにしてください", "flatten the structure of the document"));
    }
    let hint = if text[..at].lines().next_back().is_some_and(|line| line.contains('\t')) {
        Text::new("字下げにはタブではなく半角の空白を使ってください", "indent with spaces, not with tabs")
    } else {
        Text::new(
            "字下げ、`:`の後の空白、引用符や括弧の対応を確かめてください",
            "check the indentation, the space after `:`, and that quotes and brackets are closed",
        )
    };
    Diagnostic::error(
        Code::Syntax,
        Text::new(format!("YAMLとして読めません（{info}）"), format!("this is not YAML ({info})")),
    )
    .at(span)
    .hint(hint)
}

/// Most keys in one map: keys are looked up one by one, and no shape comes near this number.
const MAX_KEYS: usize = 1_000;

/// A list or map under construction.
enum Open {
    List(Vec<Node>, Span, usize),
    Map(Vec<(Key, Node)>, Option<Key>, Span, usize),
}

struct Builder {
    file: FileId,
    limits: Limits,
    nodes: usize,
    aliased: usize,
    stack: Vec<Open>,
    anchors: BTreeMap<usize, (Node, usize)>,
    found: Vec<Diagnostic>,
}

impl Builder {
    fn span(&self, text: &str, place: &granit_parser::Span) -> Span {
        let range = place.byte_range().unwrap_or(0..0);
        let start = range.start.min(text.len());
        let end = range.end.clamp(start, text.len());
        // The parser's scalar spans may run on over trailing white space.
        let end = start + text[start..end].trim_end().len();
        let as_u32 = |n: usize| u32::try_from(n).expect("a file is smaller than 4 GiB");
        Span { file: self.file, start: as_u32(start), end: as_u32(end) }
    }

    /// Takes one event; returns the root when it is complete.
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<Option<Node>, Box<Diagnostic>> {
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                let value = if plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL") {
                    Value::Null
                } else {
                    Value::Scalar { text: text.into(), plain }
                };
                (Node { value, span }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.count(1, span)?;
                self.stack.push(Open::List(Vec::new(), span, anchor));
                return Ok(None);
            }
            Event::MappingStart(_, anchor, _) => {
                self.count(1, span)?;
                self.stack.push(Open::Map(Vec::new(), None, span, anchor));
                return Ok(None);
            }
            Event::SequenceEnd => match self.stack.pop() {
                Some(Open::List(items, start, anchor)) => (
                    Node { value: Value::List(items), span: Span { end: span.end.max(start.end), ..start } },
                    anchor,
                ),
                _ => return Ok(None),
            },
            Event::MappingEnd => match self.stack.pop() {
                Some(Open::Map(entries, _, start, anchor)) => (
                    Node { value: Value::Map(entries), span: Span { end: span.end.max(start.end), ..start } },
                    anchor,
                ),
                _ => return Ok(None),
            },
            Event::Alias(id) => {
                let Some((target, size)) = self.anchors.get(&id) else {
                    return Err(Box::new(
                        Diagnostic::error(
                            Code::Syntax,
                            Text::new(
                                "別名が自分自身の中から使われています",
                                "an alias is used inside the value it stands for",
                            ),
                        )
                        .at(span),
                    ));
                };
                let size = *size;
                self.aliased += size;
                if self.aliased > self.limits.aliased {
                    return Err(Box::new(too_many_values(self.limits.aliased, span)));
                }
                let node = target.clone();
                self.count(size, span)?;
                (node, 0)
            }
            _ => return Ok(None),
        };
        if anchor != 0 {
            let size = size(&node);
            self.count(size, span)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        self.count(1, span)?;
        self.place(node)
    }

    /// Puts a complete node into the list or map that is open.
    fn place(&mut self, node: Node) -> Result<Option<Node>, Box<Diagnostic>> {
        match self.stack.last_mut() {
            None => return Ok(Some(node)),
            Some(Open::List(items, ..)) => items.push(node),
            Some(Open::Map(entries, waiting, ..)) => match waiting.take() {
                None => {
                    let text: Box<str> = match node.value {
                        Value::Scalar { text, .. } => text,
                        Value::Null => "null".into(),
                        _ => {
                            return Err(Box::new(
                                Diagnostic::error(
                                    Code::Syntax,
                                    Text::new(
                                        "キーにリストやマップは使えません",
                                        "a key cannot be a list or a map",
                                    ),
                                )
                                .at(node.span),
                            ));
                        }
                    };
                    *waiting = Some(Key { text, span: node.span });
                }
                Some(key) => {
                    if let Some((first, _)) = entries.iter().find(|(k, _)| k.text == key.text) {
                        self.found.push(
                            Diagnostic::error(
                                Code::DuplicateKey,
                                Text::new(
                                    format!("キー`{}`が2回書かれています", key.text),
                                    format!("the key `{}` is written twice", key.text),
                                ),
                            )
                            .at(key.span)
                            .also(first.span, Text::new("最初はここ", "first here"))
                            .hint(Text::new("どちらか一方を消してください", "remove one of the two")),
                        );
                    } else if entries.len() >= MAX_KEYS {
                        return Err(Box::new(
                            Diagnostic::error(
                                Code::Limit,
                                Text::new(
                                    format!("1つのマップにキーが{MAX_KEYS}個を超えています"),
                                    format!("one map has more than {MAX_KEYS} keys"),
                                ),
                            )
                            .at(key.span),
                        ));
                    } else {
                        entries.push((key, node));
                    }
                }
            },
        }
        Ok(None)
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Box<Diagnostic>> {
        self.nodes += nodes;
        let limit = self.limits.nodes;
        if self.nodes > limit {
            return Err(Box::new(too_many_values(limit, span)));
        }
        let message = if self.stack.len() > self.limits.depth {
            Text::new("入れ子が深すぎます", "lists and maps are nested too deeply")
        } else {
            return Ok(());
        };
        Err(Box::new(Diagnostic::error(Code::Limit, message).at(span).hint(Text::new(
            "別名（`*名前`）の繰り返しや深い入れ子を取り除いてください",
            "remove repeated aliases (`*name`) or deep nesting",
        ))))
    }
}

fn too_many_values(limit: usize, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::Limit,
        Text::new(
            format!("値の数が上限（{limit}）を超えました"),
            format!("there are more than {limit} values"),
        ),
    )
    .at(span)
    .hint(Text::new(
        "別名（`*名前`）の繰り返しや深い入れ子を取り除いてください",
        "remove repeated aliases (`*name`) or deep nesting",
    ))
}

fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::List(items) => items.iter().map(size).sum(),
        Value::Map(entries) => entries.iter().map(|(_, node)| size(node)).sum(),
        _ => 0,
    }
}

/// A value did not have the form that a type asks for.
///
/// Shapes are checked before values are read, so this error means that a shape and a type of the
/// program disagree.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(String);

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        ReadError(message.to_string())
    }
}

impl<'de> de::Deserializer<'de> for &Node {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match &self.value {
            Value::Null => visitor.visit_unit(),
            Value::Scalar { text, .. } => visitor.visit_str(text),
            Value::List(items) => visitor.visit_seq(de::value::SeqDeserializer::new(items.iter())),
            Value::Map(entries) => visitor.visit_map(MapReader { entries: entries.iter(), value: None }),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.scalar() {
            Some("true") => visitor.visit_bool(true),
            Some("false") => visitor.visit_bool(false),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.scalar().and_then(|text| text.parse().ok()) {
            Some(number) => visitor.visit_f64(number),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.scalar().and_then(|text| text.parse().ok()) {
            Some(number) => visitor.visit_u64(number),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match self.scalar() {
            Some(text) => visitor.visit_enum(text.into_deserializer()),
            None => Err(de::Error::custom("a word is expected")),
        }
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, ReadError> for &Node {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

struct MapReader<'a> {
    entries: std::slice::Iter<'a, (Key, Node)>,
    value: Option<&'a Node>,
}

impl<'de> de::MapAccess<'de> for MapReader<'_> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        // A key without a value is as good as no key.
        let Some((key, value)) = self.entries.find(|(_, node)| !matches!(node.value, Value::Null)) else {
            return Ok(None);
        };
        self.value = Some(value);
        let key: de::value::StrDeserializer<'_, ReadError> = (&*key.text).into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        let value = self.value.take().ok_or_else(|| ReadError("a value is read before its key".into()))?;
        seed.deserialize(value)
    }
}
