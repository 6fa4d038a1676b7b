//! Names that would do harm, in every form: each is read back by a real parser of the form, and every line by what the CI systems
//! take for a command.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::oracles::{assert_junit, azure_command, github_command};
use super::*;
use crate::core::updates::image::Image;
use crate::render::check_updates;
use crate::render::format::ci::{self, Grave};
use crate::render::format::markdown::escaped;
use crate::render::format::pairs;
use crate::render::text::sanitise;

/// What a repository, a package, an error message could be called.
const HOSTILE: &[&str] = &[
    "::error::pwned",
    " ::set-output name=x::y",
    "::add-mask::e",
    "##vso[task.setvariable variable=x]y",
    "a ##vso[task.complete result=Succeeded]",
    "#\u{ad}#vso[task.complete result=Succeeded]",
    "##[error]x",
    "a%0A::error::b",
    "100%25%0D%3A%AZP25",
    "]]>",
    "<script>alert(1)</script>",
    "<!-- ",
    "a|b",
    "`code` ``x``",
    "\\`x\\|",
    "=cmd|'/C calc'!A0",
    "+1",
    "-1",
    "@user",
    "[x](http://evil.example)",
    "![i](http://evil.example)",
    "https://evil.example www.evil.example",
    "\x1b[2J\x1b]0;title\x07",
    "x\n::error::y",
    "x\r\n##vso[task.x]y",
    "section_start:1:x\r\x1b[0K",
    "\u{202e}gnp\u{2066}",
    "a\0b\u{fffe}",
    "\"quoted\", \"x\"",
    "\n# heading\n\n- point",
    "&amp;&#x41;",
    "\u{2028}x",
];

fn harmful() -> Vec<NodeUpdates> {
    HOSTILE
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let package = PackageUpdate {
                name: (*text).to_owned(),
                architecture: Some((*text).to_owned()),
                installed: Some((*text).to_owned()),
                candidate: (*text).to_owned(),
                security: None,
                standing: Standing::Pending,
                origin: Some((*text).to_owned()),
            };
            let message = Reason::ProbeFailed {
                message: (*text).to_owned(),
            };
            let mut node = status(
                &format!("n{at}"),
                text,
                Need::Unknown,
                vec![message.clone()],
            );
            node.os_image = (*text).to_owned();
            node.verdict.running = Some(Kernel::new(*text));
            node.verdict.notes = vec![message.clone()];
            node.aks.image = Some((*text).to_owned());
            NodeUpdates {
                status: node,
                packages: if at % 2 == 0 {
                    Packages::Known(updates(vec![package], 3600))
                } else {
                    Packages::Unknown {
                        reasons: vec![message],
                        read: Some(updates(vec![package], 3600)),
                    }
                },
                image: Image::Known {
                    latest: format!("{text} newest"),
                    is_behind: true,
                },
            }
        })
        .collect()
}

fn harmed<T>(said: impl FnOnce(&Report<'_>) -> T) -> T {
    let errors: Vec<String> = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    with(harmful(), &errors, said)
}

fn assert_no_command(text: &str) {
    // Both count a carriage return as a line's end.
    for line in text.split(['\n', '\r']) {
        assert_eq!(github_command(line), None, "{line:?}");
        assert_eq!(azure_command(line), None, "{line:?}");
    }
}

#[test]
fn the_oracles_know_a_command_when_they_see_one() {
    for text in HOSTILE {
        let seen = text
            .split(['\n', '\r'])
            .any(|line| github_command(line).is_some() || azure_command(line).is_some());
        let is_one =
            text.contains("##") || text.contains('\u{ad}') || text.trim().starts_with("::");
        assert!(seen || !is_one || text.contains("# heading"), "{text:?}");
    }
}

#[test]
fn no_form_holds_a_command_or_a_control_character() {
    let forms = harmed(|report| {
        [
            report.sheet(Breadth::Wide).text(Frame::default()),
            packages_sheet(&listed(report)).text(Frame::default()),
            json::document(&Document::new(report)).expect("JSON"),
            yaml::document(&Document::new(report)).expect("YAML"),
            markdown(report, true),
            junit(report),
            csv(report, false),
            csv(report, true),
            pairs::lines(outputs(report)),
            beside(report)
                .iter()
                .map(|line| sanitise(line).into_owned() + "\n")
                .collect(),
        ]
    });
    for text in forms {
        assert_no_command(&text);
        let text = text.replace("\r\n", "\n");
        let control =
            |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
        // JSON and YAML may hold what changes the direction of letters: they are for programs.
        let is_data = text.starts_with('{') || text.contains("\nkind: ");
        assert!(!text.contains(control) || is_data, "{text}");
        assert!(!text.contains('\x1b') && !text.contains('\0'), "{text}");
    }
}

#[test]
fn json_and_yaml_give_back_every_name_as_it_was() {
    let (json, yaml) = harmed(|report| {
        let document = Document::new(report);
        (
            json::document(&document).expect("JSON"),
            yaml::document(&document).expect("YAML"),
        )
    });
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let yaml: serde_json::Value = serde_saphyr::from_str(&yaml).expect("YAML");
    assert_eq!(json, yaml);
    for (at, text) in HOSTILE.iter().enumerate() {
        let node = &json["nodes"][at];
        assert_eq!(node["packages"]["list"][0]["name"], *text);
        assert_eq!(node["pool"], *text);
        assert_eq!(json["errors"][at], *text);
    }
}

#[test]
fn csv_is_read_back_row_by_row_and_holds_no_formula() {
    let text = harmed(|report| csv(report, true));
    let mut reader = ::csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let rows: Vec<::csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    // Nodes, and then the errors.
    assert_eq!(rows.len(), 2 * HOSTILE.len());
    for (row, text) in rows.iter().skip(HOSTILE.len()).zip(HOSTILE) {
        let said = &row[11];
        assert_eq!(said.strip_prefix('\'').unwrap_or(said), sanitise(text));
    }
    for (row, text) in rows.iter().zip(HOSTILE) {
        for field in row {
            assert!(
                !field.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{field}"
            );
        }
        let name = &row[3];
        assert_eq!(name.strip_prefix('\'').unwrap_or(name), sanitise(text));
    }
}

#[test]
fn junit_is_within_its_schema_whatever_the_names() {
    assert_eq!(assert_junit(&usual(junit)), (5, 1, 1, 2));
    let text = harmed(junit);
    let (cases, _, errors, _) = assert_junit(&text);
    assert_eq!((cases, errors), (2 * HOSTILE.len(), 2 * HOSTILE.len()));
    let document = roxmltree::Document::parse(&text).expect("XML");
    let visible = |text: &str| sanitise(text).replace('\u{fffe}', "\\u{fffe}");
    for name in HOSTILE {
        let said = |node: roxmltree::Node<'_, '_>| {
            node.text()
                .is_some_and(|text| text.contains(&visible(name)))
        };
        assert!(document.descendants().any(said), "{name:?}");
    }
    assert_junit(&with(Vec::new(), &[], junit));
}

#[test]
fn markdown_has_its_own_tables_and_headings_and_nothing_else() {
    let text = harmed(|report| markdown(report, true));
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    let (mut rows, mut headings, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    let mut in_heading = false;
    for event in Parser::new_ext(&text, options) {
        match event {
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::Start(
                Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::BlockQuote(_),
            ) => panic!("{event:?}"),
            Event::Start(Tag::Table(columns)) => rows.push((columns.len(), 0)),
            Event::Start(Tag::TableRow) => rows.last_mut().expect("a table").1 += 1,
            Event::Start(Tag::Heading { .. }) => in_heading = true,
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(text) if in_heading => headings.push(text.into_string()),
            Event::Code(text) => codes.push(text.into_string()),
            _ => {}
        }
    }
    assert_eq!(rows, [(9, HOSTILE.len()), (6, HOSTILE.len())]);
    assert_eq!(
        headings,
        [
            "Node updates: unknown",
            "Unknown",
            "Ignore file",
            "Errors",
            "Packages"
        ]
    );
    for name in HOSTILE {
        let visible = sanitise(name)
            .replace('`', "\\u{60}")
            .replace('|', "\\u{7c}");
        assert!(codes.contains(&visible), "{name:?}");
    }
    // What GitHub would make links of by itself has its punctuation escaped.
    for name in HOSTILE {
        let sentence = escaped(name);
        for link in ["://", "www.", "@"] {
            let plain = sentence.replace(&format!("\\{link}"), "");
            assert!(!plain.contains(link), "{sentence}");
        }
    }
}

#[test]
fn an_annotation_is_one_command_that_says_the_summary() {
    let summary = harmed(check_updates::summary);
    let said = sanitise(&summary);
    let ascii: String = said.chars().filter(char::is_ascii).collect();
    let title = "aksreboot: a,b=c::d%";
    let line = ci::github(Grave::Warning, title, &summary);
    let (name, properties, message) = github_command(&line).expect("a command");
    assert_eq!((name.as_str(), message), ("warning", ascii.clone()));
    assert_eq!(properties, [("title".to_owned(), title.to_owned())]);
    let line = ci::azure_issue(Grave::Error, &summary);
    let (name, properties, message) = azure_command(&line).expect("a command");
    assert_eq!((name.as_str(), message), ("task.logissue", ascii));
    assert_eq!(properties, [("type".to_owned(), "error".to_owned())]);
    for line in [ci::github(Grave::Error, title, &summary), line] {
        assert_eq!(line.split(['\n', '\r']).count(), 1);
    }
}

#[test]
fn a_section_of_gitlabs_log_is_opened_and_closed_by_nobody_else() {
    let lines: Vec<String> = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    let text = ci::gitlab_section(1_800_000_000, "aksreboot_packages", "a heading", &lines);
    let marks: Vec<&str> = text
        .split("\x1b[0K")
        .filter(|part| part.contains("section_") && part.ends_with('\r'))
        .collect();
    assert_eq!(
        marks,
        [
            "section_start:1800000000:aksreboot_packages[collapsed=true]\r",
            "section_end:1800000000:aksreboot_packages\r",
        ]
    );
    assert_no_command(&text);
}

proptest! {
    /// Of letters that commands, tables and markup are made of, in any order.
    #[test]
    fn no_text_whatsoever_gets_out_of_its_place(text in "([#:\\[\\]%|`<>&=\"'\\\\*_!()\\r\\n\u{ad}\u{200b} ]|vso|error|task\\.x|::|##|0A|25){0,12}") {
        let harmless = sanitise(&text);
        // As a value alone on a line, and as the rest of one that begins with words of ours.
        assert_no_command(&harmless);
        assert_no_command(&format!("note: {harmless}"));
        for line in [ci::github(Grave::Error, &text, &text), ci::azure_issue(Grave::Error, &text)] {
            prop_assert_eq!(line.split(['\n', '\r']).count(), 1);
        }
        let (_, _, said) = azure_command(&ci::azure_issue(Grave::Error, &text)).expect("a command");
        let ascii: String = harmless.chars().filter(char::is_ascii).collect();
        prop_assert_eq!(said, ascii);
        let package = package(&text, Some(&text), &text);
        let node = NodeUpdates {
            status: status("n1", "blue", Need::No, Vec::new()),
            packages: Packages::Known(updates(vec![package], 3600)),
            image: Image::Unknown(Reason::NodeImageNotTold),
        };
        let (junit, markdown, csv) = with(vec![node], &[], |report| {
            (junit(report), markdown(report, true), csv(report, true))
        });
        assert_junit(&junit);
        for form in [&junit, &markdown, &csv] {
            assert_no_command(form);
        }
        let tables = Parser::new_ext(&markdown, Options::ENABLE_TABLES);
        let rows = tables.filter(|event| matches!(event, Event::Start(Tag::TableRow))).count();
        prop_assert_eq!(rows, 2);
        let mut reader = ::csv::ReaderBuilder::new().from_reader(csv.as_bytes());
        let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
        prop_assert_eq!(rows.len(), 1);
    }
}
