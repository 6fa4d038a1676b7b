//! Scripts as they are sent to nodes: without their comments and most of their indentation, which are a third of them. Each
//! step in the life of a pod writes the pod anew into etcd and tells it to whoever watches, its script with it. It changes no
//! line that a shell carries out.

/// How long a script is when it is sent.
pub(super) const fn length(script: &str) -> usize {
    shorten(script.as_bytes(), &mut [])
}

/// A script as it is sent; `N` is its [`length`].
pub(super) const fn bare<const N: usize>(script: &str) -> [u8; N] {
    let mut out = [0; N];
    shorten(script.as_bytes(), &mut out);
    out
}

/// Writes as much as there is room for. Returns how much there would be.
const fn shorten(script: &[u8], out: &mut [u8]) -> usize {
    let mut from = 0;
    let mut to = 0;
    while from < script.len() {
        let mut begin = from;
        while begin < script.len() && script[begin] == b' ' {
            begin += 1;
        }
        let mut end = begin;
        while end < script.len() && script[end] != b'\n' {
            end += 1;
        }
        if begin < end && !is_comment(script, begin, end) {
            // One blank for each level.
            let mut at = begin - (begin - from) / 4;
            while at < end {
                to = put(script[at], out, to);
                at += 1;
            }
            to = put(b'\n', out, to);
        }
        from = end + 1;
    }
    to
}

const fn put(byte: u8, out: &mut [u8], to: usize) -> usize {
    if to < out.len() {
        out[to] = byte;
    }
    to + 1
}

/// Comments here begin with a number sign and a blank; `#clear` is a word of apt's configuration.
const fn is_comment(script: &[u8], begin: usize, end: usize) -> bool {
    script[begin] == b'#' && (begin + 1 == end || script[begin + 1] == b' ')
}

/// The text of some files, one after the other, as it is sent.
macro_rules! sent {
    ($($file:literal),+) => {{
        const WHOLE: &str = concat!($(include_str!($file)),+);
        const BARE: [u8; $crate::edge::node::bare::length(WHOLE)] = $crate::edge::node::bare::bare(WHOLE);
        match std::str::from_utf8(&BARE) {
            Ok(text) => text,
            Err(_) => panic!("a script is text"),
        }
    }};
}
pub(super) use sent;

#[cfg(test)]
mod tests {
    use super::{bare, length};

    const SCRIPT: &str = "\
# Says it.
#
say() {
    # Why.
    if [ \"$1\" ]; then
        cat <<'END'
#clear it
END

        echo \"$1 # not a comment\"
    fi
}
";

    #[test]
    fn comments_blank_lines_and_indentation_go_and_nothing_else() {
        const BARE: [u8; length(SCRIPT)] = bare(SCRIPT);
        assert_eq!(
            std::str::from_utf8(&BARE),
            Ok("\
say() {
 if [ \"$1\" ]; then
  cat <<'END'
#clear it
END
  echo \"$1 # not a comment\"
 fi
}
")
        );
    }

    /// Said another way: each line that is neither blank nor a comment, with a blank for each four before it.
    fn told(script: &str) -> String {
        let lines = script
            .lines()
            .map(|line| (line, line.trim_start_matches(' ')));
        let said =
            lines.filter(|(_, said)| !said.is_empty() && *said != "#" && !said.starts_with("# "));
        let told = said
            .map(|(line, said)| format!("{}{said}\n", " ".repeat((line.len() - said.len()) / 4)));
        told.collect::<Vec<_>>().concat()
    }

    #[test]
    fn what_is_sent_is_each_line_that_a_shell_carries_out() {
        macro_rules! both {
            ($($file:literal),+) => {
                (sent!($($file),+), concat!($(include_str!($file)),+))
            };
        }
        for (sent, files) in [
            both!(
                "packaging.sh",
                "answer.sh",
                "replaced.sh",
                "patching.sh",
                "updates.sh",
                "probe.sh"
            ),
            both!(
                "packages/common.sh",
                "packages/apt.sh",
                "packages/rpm.sh",
                "packages/choose.sh"
            ),
            both!("packaging.sh", "reboot.sh"),
            both!("on_host.sh"),
        ] {
            assert_eq!(sent, told(files));
            assert!(sent.len() * 3 < files.len() * 2 + 2000, "{}", sent.len());
        }
    }
}
