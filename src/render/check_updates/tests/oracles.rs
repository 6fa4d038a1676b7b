//! What others make of what is written: the CI systems of a line, Ant's JUnit task of a report. Written from their sources and
//! schema, and from nothing of ours.

/// Name, properties, message.
pub(super) type Command = (String, Vec<(String, String)>, String);

/// A command of GitHub Actions as its runner reads a line (`ActionCommand.cs`): of the second version at a line's beginning, of
/// the first anywhere. Name, properties, message.
pub(super) fn github_command(line: &str) -> Option<Command> {
    let undo = |text: &str, pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let whole: String = line.chars().filter(char::is_ascii).collect();
    if whole.contains("##[") {
        return Some(("of the first version".into(), Vec::new(), line.into()));
    }
    let (head, message) = whole.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let property = [
        ("%0D", "\r"),
        ("%0A", "\n"),
        ("%3A", ":"),
        ("%2C", ","),
        ("%25", "%"),
    ];
    let properties = properties
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), undo(value, &property)));
    let message = undo(message, &[("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]);
    Some((name.to_owned(), properties.collect(), message))
}

/// A command of Azure Pipelines as its agent reads a line (`Command.cs`): anywhere in it. Area and action, properties, message.
pub(super) fn azure_command(line: &str) -> Option<Command> {
    let undo = |text: &str| {
        [
            ("%3B", ";"),
            ("%0D", "\r"),
            ("%0A", "\n"),
            ("%5D", "]"),
            ("%AZP25", "%"),
        ]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let whole: String = line.chars().filter(char::is_ascii).collect();
    let (_, rest) = whole.split_once("##vso[")?;
    let (head, message) = rest.split_once(']')?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let properties = properties
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), undo(value)));
    Some((name.to_owned(), properties.collect(), undo(message)))
}

/// What the schema of Ant's JUnit task asks for, said again.
pub(super) fn assert_junit(text: &str) -> (usize, usize, usize, usize) {
    let document = roxmltree::Document::parse(text).expect("XML");
    let suites = document.root_element();
    assert_eq!(suites.tag_name().name(), "testsuites");
    let suite = suites.first_element_child().expect("a suite");
    assert_eq!(
        suites
            .children()
            .filter(roxmltree::Node::is_element)
            .count(),
        1
    );
    for name in ["name", "hostname", "package", "id", "time"] {
        assert!(!suite.attribute(name).expect(name).is_empty(), "{name}");
    }
    let moment = suite.attribute("timestamp").expect("timestamp");
    moment.parse::<jiff::civil::DateTime>().expect("a moment");
    assert_eq!(moment.len(), "2027-01-15T08:00:00".len());
    let children: Vec<_> = suite
        .children()
        .filter(roxmltree::Node::is_element)
        .collect();
    let names: Vec<&str> = children
        .iter()
        .map(|child| child.tag_name().name())
        .collect();
    let cases = names.iter().filter(|name| **name == "testcase").count();
    assert_eq!(names[0], "properties");
    assert!(
        names[1..=cases].iter().all(|name| *name == "testcase"),
        "{names:?}"
    );
    assert_eq!(names[cases + 1..], ["system-out", "system-err"]);
    let mut counted = (0, 0, 0, 0);
    for case in children
        .iter()
        .filter(|child| child.has_tag_name("testcase"))
    {
        assert!(!case.attribute("name").expect("name").is_empty());
        assert!(!case.attribute("classname").expect("classname").is_empty());
        case.attribute("time")
            .expect("time")
            .parse::<f64>()
            .expect("a number");
        counted.0 += 1;
        let inside: Vec<_> = case
            .children()
            .filter(roxmltree::Node::is_element)
            .collect();
        assert!(inside.len() <= 1);
        for end in inside {
            match end.tag_name().name() {
                "failure" => counted.1 += 1,
                "error" => counted.2 += 1,
                "skipped" => counted.3 += 1,
                other => panic!("{other}"),
            }
            assert!(end.attribute("message").is_some());
            assert!(end.has_tag_name("skipped") || end.attribute("type").is_some());
        }
    }
    let said = |name: &str| {
        suite
            .attribute(name)
            .expect(name)
            .parse()
            .expect("a number")
    };
    assert_eq!(
        counted,
        (
            said("tests"),
            said("failures"),
            said("errors"),
            said("skipped")
        )
    );
    counted
}
