//! The templates beside the real kubectl, whose answers are in `tests/data/kubectl-templates`; and what is refused, where.

use serde_json::{Value, json};

use super::*;

/// What kubectl takes and this program refuses: it would print what nobody meant.
const REFUSED_HERE: &[&str] = &[
    "{range .nodes[*]}{.name}",
    "{5}",
    "{true}",
    "{}",
    "{.nodes[0].name \"x\"}",
    "{.}",
];

/// What kubectl refuses and this program takes, with what it prints.
const TAKEN_HERE: &[(&str, &str)] = &[
    ("{.nodes[?(@.reasons[0].kind==\"flag\")].name}", "n1"),
    ("{\"a\\tb\"}{'c\\nd'}{\"\\\\ \\\" \\'\"}", "a\tbc\nd\\ \" '"),
    ("{.nodes[7].name}", ""),
    ("{.nodes[0:9].name}", "n1 n2 n3"),
];

#[test]
fn kubectl_says_the_same() {
    let folder = "tests/data/kubectl-templates";
    let read = |name: &str| -> Value {
        let path = format!("{}/{folder}/{name}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
    };
    let (document, recorded) = (read("document.json"), read("answers.json"));
    let answers = recorded["answers"].as_array().expect("answers");
    assert!(answers.len() > 50, "{}", answers.len());
    let (mut refused, mut taken) = (Vec::new(), Vec::new());
    for answer in answers {
        let text = answer["template"].as_str().expect("a template");
        let by_kubectl = (answer["refused"] == false).then(|| answer["prints"].as_str());
        match (Template::parse(text), by_kubectl) {
            (Ok(template), Some(prints)) => {
                assert_eq!(Some(template.fill(&document).as_str()), prints, "{text}");
            }
            (Ok(template), None) => taken.push((text, template.fill(&document))),
            (Err(_), Some(_)) => refused.push(text),
            (Err(_), None) => {}
        }
    }
    assert_eq!(refused, REFUSED_HERE);
    let taken: Vec<_> = taken
        .iter()
        .map(|(text, it)| (*text, it.as_str()))
        .collect();
    assert_eq!(taken, TAKEN_HERE);
}

#[test]
fn a_refusal_names_the_place_and_what_is_wrong() {
    for (text, said) in [
        (
            "name",
            "at character 1: no path in braces, such as {.nodes[*].name}",
        ),
        (
            "{.a}{nodes}",
            "at character 6: `nodes` is no path, no quoted text, no range and no end; paths begin with a dot",
        ),
        ("ab{.a", "at character 3: a brace that is not closed"),
        ("{.a[0}", "at character 4: a bracket that is not closed"),
        ("{.a[x]}", "at character 2: `.a[x]` is not understood"),
        ("{.a..}", "at character 6: a name is expected after the dot"),
        (
            "{.a b}",
            "at character 4: ` ` where a dot, a bracket or the end is expected",
        ),
        ("x{end}", "at character 2: {end} without a {range}"),
        (
            "x{range .a[*]}{.b}",
            "at character 2: {range} without an {end}",
        ),
        (
            "{range}",
            "at character 2: `range` is no path, no quoted text, no range and no end; paths begin with a dot",
        ),
        (
            "{\"a\\q\"}",
            "at character 4: only \\n, \\t, \\r, \\\\, \\\" and \\' can be escaped",
        ),
        (
            "{.a[?(@.b=~\"c\")]}",
            "at character 10: =~ is not supported",
        ),
        (
            "{.a[?($.b==1)]}",
            "at character 7: $ in a filter; @ is the item",
        ),
        (
            "{.a[?(@.b==)]}",
            "at character 2: `.a[?(@.b==)]` is not understood",
        ),
    ] {
        assert_eq!(
            Template::parse(text).unwrap_err().to_string(),
            said,
            "{text}"
        );
    }
}

#[test]
fn kubectls_name_for_the_list_is_understood_at_the_top_alone() {
    let data = json!({"nodes": [{"name": "n1", "items": [1, 2]}, {"name": "n2"}]});
    let filled = |text: &str| Template::parse(text).expect("a template").fill(&data);
    assert_eq!(filled("{.items[*].name}"), "n1 n2");
    assert_eq!(filled("{range .items[*]}{.items[*]};{end}"), "1 2;;");
}

#[test]
fn filters_may_say_more_than_kubectls() {
    let data = json!({"nodes": [
        {"name": "a", "why-not": "x", "n": 1},
        {"name": "b", "why-not": "y", "n": 2},
    ]});
    let filled = |text: &str| Template::parse(text).expect("a template").fill(&data);
    assert_eq!(filled("{.nodes[?(@.why-not==\"y\")].name}"), "b");
    assert_eq!(filled("{.nodes[?(@.n==1 || @.why-not=='y')].name}"), "a b");
    assert_eq!(filled("{.nodes[?(@.n>1 && @.name=='b')].name}"), "b");
}

#[test]
fn text_of_nodes_does_not_drive_the_terminal_and_the_templates_own_does() {
    let data = json!({"a": "\u{1b}[2J\n"});
    let filled = Template::parse("{.a}{\"\\n\"}")
        .expect("a template")
        .fill(&data);
    assert_eq!(filled, "\\u{1b}[2J\\u{a}\n");
}

#[test]
fn what_is_null_is_not_there() {
    let data = without_nulls(json!({"a": null, "b": [{"c": null, "d": 1}]}));
    assert_eq!(data, json!({"b": [{"d": 1}]}));
}

proptest::proptest! {
    /// Whatever is typed is taken or refused, and filling what was taken ends.
    #[test]
    fn no_template_breaks_the_parser(text in "[{}\\[\\]().?@$*a-c0-9'\"\\\\ ,:=<&|-]{0,40}") {
        if let Ok(template) = Template::parse(&text) {
            template.fill(&json!({"a": [{"b": 1}, {"c": "x"}], "b": {"a": null}}));
        }
    }
}
