//! What a program said on stderr, fit to be shown to a person.

/// As much as a person will read.
const MOST_SAID: usize = 1000;

/// What a program said, on one line, its end where it is long, without what looks like a secret.
pub(crate) fn presentable(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let text = without_secrets(&lines.join(" | "));
    match text.char_indices().rev().nth(MOST_SAID) {
        Some((start, _)) => format!("…{}", &text[start..]),
        None => text,
    }
}

/// Takes out JSON web tokens and long runs without a word's shape: tokens, keys, client secrets. Names, GUIDs and
/// codes for a login page stay.
fn without_secrets(text: &str) -> String {
    const LONGEST_INNOCENT: usize = 39;
    let in_run = |c: char| c.is_ascii_alphanumeric() || "+_=~-".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !in_run(c)).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        let web_token = run.len() > 10 && run.starts_with("eyJ");
        if web_token || run.len() > LONGEST_INNOCENT {
            out.push_str("[removed]");
        } else {
            out.push_str(run);
        }
        let next = tail.find(in_run).unwrap_or(tail.len());
        out.push_str(&tail[..next]);
        rest = &tail[next..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_of_what_a_plugin_said_and_names_stay() {
        for (said, shown) in [
            (
                "token eyJhbGciOiJub25lIn0.eyJzdWIiOiJqIn0.c2ln!",
                "token [removed].[removed].c2ln!",
            ),
            (
                "secret=abc8Q~0123456789abcdef0123456789abcdef01",
                "[removed]",
            ),
            (
                "tenant 04b07795-8ddb-461a-bbee-02f9e1bf7b46",
                "tenant 04b07795-8ddb-461a-bbee-02f9e1bf7b46",
            ),
            (
                "aks-dns-4bc12345.hcp.westeurope.azmk8s.io",
                "aks-dns-4bc12345.hcp.westeurope.azmk8s.io",
            ),
            (
                "code ABC123DEF at https://microsoft.com/devicelogin",
                "code ABC123DEF at https://microsoft.com/devicelogin",
            ),
            ("é \u{1f600}", "é \u{1f600}"),
        ] {
            assert_eq!(without_secrets(said), shown);
        }
    }

    #[test]
    fn of_much_talk_the_end_is_shown_on_one_line() {
        let talk = format!("{}\n\n  the end\r\n", "é".repeat(5000));
        let shown = presentable(talk.as_bytes());
        assert!(
            shown.starts_with('…') && shown.ends_with(" | the end"),
            "{shown}"
        );
        assert_eq!(shown.chars().count(), MOST_SAID + 2);
    }
}
