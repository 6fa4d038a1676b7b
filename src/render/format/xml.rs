//! XML: elements with attributes and text, indented. Whatever a text holds, it stays within its element.

use std::fmt::Write as _;

use crate::render::text::sanitise;

/// A document under way.
#[derive(Debug)]
pub(crate) struct Xml {
    text: String,
    open: Vec<&'static str>,
}

type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Xml {
    pub(crate) fn new() -> Self {
        Self {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into(),
            open: Vec::new(),
        }
    }

    pub(crate) fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.tag(name, attributes, ">\n");
        self.open.push(name);
    }

    pub(crate) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            let _ = writeln!(self.text, "{}</{name}>", self.indent());
        }
    }

    pub(crate) fn empty(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.tag(name, attributes, "/>\n");
    }

    /// An element of lines, which begin where they begin.
    pub(crate) fn lines(
        &mut self,
        name: &'static str,
        attributes: Attributes<'_>,
        lines: &[String],
    ) {
        let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
        self.tag(name, attributes, ">");
        let _ = writeln!(self.text, "{}</{name}>", lines.join("\n"));
    }

    /// Closes what is open.
    pub(crate) fn end(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn tag(&mut self, name: &'static str, attributes: Attributes<'_>, end: &str) {
        let _ = write!(self.text, "{}<{name}", self.indent());
        for (key, value) in attributes {
            let _ = write!(self.text, " {key}=\"{}\"", escaped(value));
        }
        self.text.push_str(end);
    }

    fn indent(&self) -> String {
        "  ".repeat(self.open.len())
    }
}

/// Most control characters may not be in XML at all, escaped or not: they are made visible, as are two code points beside.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in sanitise(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // `]]>` would end a section that nobody began, which XML forbids.
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}
