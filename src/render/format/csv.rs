//! CSV by RFC 4180: a heading, a line a row, CRLF at each end. A field that a spreadsheet would take for a formula gets an
//! apostrophe in front, as OWASP has it.

use crate::render::text::sanitise;

pub(crate) fn table<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut text = line(&headings.map(str::to_owned));
    for row in rows {
        text.push_str(&line(&row));
    }
    text
}

fn line(fields: &[String]) -> String {
    let fields: Vec<String> = fields.iter().map(|text| field(text)).collect();
    fields.join(",") + "\r\n"
}

fn field(text: &str) -> String {
    let text = sanitise(text);
    let guard = if text.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    if guard.is_empty() && !text.contains(['"', ',', ' ', ';']) {
        return text.into_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
