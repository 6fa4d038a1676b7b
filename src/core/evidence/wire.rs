//! What all that a node answers has in common (`docs/probes.md`): lines `KEY VALUE` between a first and a last line that
//! name the nonce, values percent-encoded. Strict: what was cut, forged or mixed up is no answer.

use std::fmt::Write as _;

use jiff::Timestamp;

/// Longer is no boot ID, no kernel, no package name.
const LONGEST_VALUE: usize = 256;

pub(in crate::core) type Parsed<T> = Result<T, String>;

/// The lines of a whole answer to the question that was asked under `nonce`, as keys and values.
pub(in crate::core) fn lines<'a>(bytes: &'a [u8], nonce: &str) -> Parsed<Vec<(&'a str, &'a str)>> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.is_ascii())
        .ok_or("not ASCII")?;
    let mut lines: Vec<&str> = text
        .strip_suffix('\n')
        .ok_or("cut off at the end")?
        .split('\n')
        .collect();
    match lines.first().and_then(|line| line.split_once(' ')) {
        Some(("aksreboot-probe", rest)) if rest == format!("1 {nonce}") => {}
        Some(("aksreboot-probe", rest)) if rest.starts_with("1 ") => {
            return Err("asked by somebody else".into());
        }
        Some(("aksreboot-probe", _)) => return Err("in another version of the format".into()),
        _ => return Err("cut off at the start".into()),
    }
    let between = lines.len().saturating_sub(2);
    if lines.len() < 2 || lines.pop() != Some(&format!("end {nonce} {between}")) {
        return Err("cut off at the end".into());
    }
    lines
        .into_iter()
        .skip(1)
        .map(|line| {
            line.split_once(' ')
                .ok_or_else(|| format!("a line without a value: `{line}`"))
        })
        .collect()
}

/// Those lines between a first one that names format and nonce, and a last one that repeats the nonce with their number.
pub(in crate::core) fn framed(lines: &[String], nonce: &str) -> String {
    let mut text = format!("aksreboot-probe 1 {nonce}\n");
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text + &format!("end {nonce} {}\n", lines.len())
}

/// The answer at the start of a stream, and what comes after it. A stream without the answer's last line is all answer.
pub(crate) fn split_answer<'a>(stream: &'a [u8], nonce: &str) -> (&'a [u8], &'a [u8]) {
    let last = format!("end {nonce} ");
    let mut at = 0;
    for line in stream.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if line.starts_with(last.as_bytes()) {
            return stream.split_at(at);
        }
    }
    (stream, &[])
}

pub(in crate::core) fn time(value: &str) -> Parsed<Timestamp> {
    let seconds: i64 = number(value)?;
    Timestamp::from_second(seconds).map_err(|_| format!("no time: `{value}`"))
}

pub(in crate::core) fn number<N: std::str::FromStr>(value: &str) -> Parsed<N> {
    // Rust would also take a leading plus.
    value
        .parse()
        .ok()
        .filter(|_| !value.starts_with('+'))
        .ok_or_else(|| format!("no number: `{value}`"))
}

/// The inverse of the writer's percent-encoding. Bytes that are no UTF-8 on the node become replacement characters.
pub(in crate::core) fn unescape(value: &str) -> Parsed<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err("a broken escape".into()),
            },
            byte if byte.is_ascii_graphic() => byte,
            _ => return Err("a character that should have been escaped".into()),
        });
    }
    if bytes.is_empty() || bytes.len() > LONGEST_VALUE {
        return Err(format!("a value of {} bytes", bytes.len()));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Percent-encodes everything but the characters of ordinary names.
pub(in crate::core) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"._+:~/@-".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
