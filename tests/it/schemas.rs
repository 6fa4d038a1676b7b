//! The committed schemas in docs/schemas: they are what the program prints, they hold for what it writes, and they change
//! only in ways that no reader minds, unless the version says otherwise. To bring them up to date:
//! `UPDATE_GENERATED=1 cargo test --test it schemas`; what would break readers is refused there too.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::generated::{Files, UPDATE, folder, program, prove_fresh, read};

const FOLDER: &str = "docs/schemas";

/// The schema of each document, by the name of its file: kind and version.
fn schemas() -> Files {
    let listed = program(&["schema"]);
    let files: Files = listed
        .lines()
        .map(|line| {
            let (name, version) = line.split_once(' ').expect("name and version");
            (format!("{name}.{version}.json"), program(&["schema", name]))
        })
        .collect();
    assert!(files.len() >= 3, "{listed}");
    files
}

fn schema(file: &str) -> Value {
    serde_json::from_str(&schemas()[file]).expect("JSON")
}

/// Asserts that `document` is what the committed schema of that name describes.
pub(crate) fn assert_valid(file: &str, document: &Value) {
    let path: PathBuf = folder(FOLDER).join(file);
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?} in {document:#}");
}

#[test]
fn the_schemas_are_what_the_program_prints_and_break_no_reader() {
    let wanted = schemas();
    for (file, old) in read(&folder(FOLDER)) {
        // Another version is another file.
        let Some(new) = wanted.get(&file) else {
            continue;
        };
        let (old, new) = (
            serde_json::from_str(&old).unwrap(),
            serde_json::from_str(new).unwrap(),
        );
        let broken = Comparison::of(&old, &new);
        assert!(
            broken.is_empty(),
            "{file} would break its readers: {broken:#?}; if that is meant, raise the document's version{}",
            if std::env::var_os(UPDATE).is_some() {
                "; nothing was written"
            } else {
                ""
            }
        );
    }
    prove_fresh(FOLDER, &wanted);
}

/// What readers of the old documents would no longer find in the new ones.
struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    broken: Vec<String>,
    /// Definitions may hold themselves.
    seen: BTreeSet<(String, String)>,
}

impl<'a> Comparison<'a> {
    fn of(old: &'a Value, new: &'a Value) -> Vec<String> {
        let mut comparison = Self {
            old,
            new,
            broken: Vec::new(),
            seen: BTreeSet::new(),
        };
        comparison.compare("", old, new);
        comparison.broken
    }

    fn compare(&mut self, at: &str, old: &'a Value, new: &'a Value) {
        if let (Some(a), Some(b)) = (old["$ref"].as_str(), new["$ref"].as_str())
            && !self.seen.insert((a.to_owned(), b.to_owned()))
        {
            return;
        }
        let (old, new) = (resolve(self.old, old), resolve(self.new, new));
        for gone in types(new).difference(&types(old)) {
            // No type is any type.
            if !types(old).is_empty() {
                self.broken.push(format!("{at} may now be {gone}"));
            }
        }
        if types(new).is_empty() && !types(old).is_empty() {
            self.broken.push(format!("{at} may now be anything"));
        }
        if old.get("const").is_some() && old.get("const") != new.get("const") {
            self.broken
                .push(format!("{at} is no longer {}", old["const"]));
        }
        let required = |schema: &Value| -> BTreeSet<String> {
            let list = schema["required"].as_array().into_iter().flatten();
            list.filter_map(|name| name.as_str().map(str::to_owned))
                .collect()
        };
        for name in required(old).difference(&required(new)) {
            self.broken.push(format!("{at}/{name} may now be missing"));
        }
        if let Some(properties) = old["properties"].as_object() {
            for (name, property) in properties {
                match new["properties"].get(name) {
                    Some(now) => self.compare(&format!("{at}/{name}"), property, now),
                    None => self.broken.push(format!("{at}/{name} is gone")),
                }
            }
        }
        if old.get("items").is_some() {
            self.compare(&format!("{at}/[]"), &old["items"], &new["items"]);
        }
        for word in words(self.old, old).difference(&words(self.new, new)) {
            self.broken.push(format!("{at} can no longer be `{word}`"));
        }
        for union in ["oneOf", "anyOf"] {
            for variant in old[union].as_array().into_iter().flatten() {
                let tag = tag(resolve(self.old, variant));
                // Words are one set, however they are written down.
                if types(variant) == BTreeSet::from(["string"]) {
                    continue;
                }
                let same = new[union]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .find(|other| self::tag(resolve(self.new, other)) == tag);
                match same {
                    Some(same) => self.compare(&format!("{at}<{tag}>"), variant, same),
                    None => self.broken.push(format!("{at}<{tag}> is gone")),
                }
            }
        }
    }
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"]
        .as_str()
        .and_then(|path| path.strip_prefix('#'))
    {
        Some(pointer) => root.pointer(pointer).expect("a definition"),
        None => schema,
    }
}

fn types(schema: &Value) -> BTreeSet<&str> {
    match &schema["type"] {
        Value::String(one) => BTreeSet::from([one.as_str()]),
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::new(),
    }
}

/// The words that a schema lists, in itself or in the variants of its union.
fn words<'a>(root: &'a Value, schema: &'a Value) -> BTreeSet<&'a str> {
    let union = schema["oneOf"].as_array().into_iter().flatten();
    union
        .map(|variant| resolve(root, variant))
        .chain([schema])
        .flat_map(|schema| {
            let listed = schema["enum"].as_array().into_iter().flatten();
            listed.chain(schema.get("const"))
        })
        .filter_map(Value::as_str)
        .collect()
}

/// What tells the variants of a union apart: the word that each writes itself by, else its type.
fn tag(schema: &Value) -> String {
    if let Some(word) = schema.get("const") {
        return word.to_string();
    }
    let words: Vec<String> = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, property)| Some(format!("{name}={}", property.get("const")?)))
        .collect();
    if words.is_empty() {
        // A variant that is written as an object of one field is told by that.
        let only = schema["properties"]
            .as_object()
            .filter(|fields| fields.len() == 1);
        let only = only
            .into_iter()
            .flat_map(|fields| fields.keys().map(String::as_str));
        types(schema)
            .into_iter()
            .chain(only)
            .collect::<Vec<_>>()
            .join("|")
    } else {
        words.join(",")
    }
}

type Change<'a> = &'a dyn Fn(&mut Value);

#[test]
fn what_readers_mind_is_found_and_what_they_do_not_mind_is_not() {
    let old = json!({
        "type": "object",
        "properties": {
            "v": {"type": "integer", "const": 1},
            "name": {"type": "string"},
            "pool": {"type": ["string", "null"]},
            "need": {"oneOf": [{"type": "string", "enum": ["yes", "no"]}, {"type": "string", "const": "n-a"}]},
            "reasons": {"type": "array", "items": {"$ref": "#/$defs/Reason"}},
        },
        "required": ["v", "name"],
        "$defs": {"Reason": {"oneOf": [
            {"type": "object", "properties": {"kind": {"type": "string", "const": "flag"}, "omitted": {"type": "integer"}}, "required": ["kind"]},
            {"type": "object", "properties": {"kind": {"type": "string", "const": "last"}, "last": {"$ref": "#/$defs/Reason"}}, "required": ["kind"]},
        ]}},
    });
    let changed = |change: Change<'_>| {
        let mut new = old.clone();
        change(&mut new);
        Comparison::of(&old, &new)
    };
    let fine: [Change<'_>; 5] = [
        &|_| {},
        &|new| {
            let words = json!([{"type": "string", "enum": ["no", "n-a", "more"]}, {"type": "string", "const": "yes"}]);
            new["properties"]["need"]["oneOf"] = words;
        },
        &|new| new["properties"]["zone"] = json!({"type": "string"}),
        &|new| new["properties"]["pool"]["type"] = json!("string"),
        &|new| {
            let kinds = new["$defs"]["Reason"]["oneOf"].as_array_mut().unwrap();
            kinds.push(json!({"type": "object", "properties": {"kind": {"const": "more"}}}));
        },
    ];
    for change in fine {
        assert_eq!(changed(change), Vec::<String>::new());
    }
    let minded: [(Change<'_>, &str); 8] = [
        (
            &|new| new["properties"]["v"]["const"] = json!(2),
            "/v is no longer 1",
        ),
        (
            &|new| {
                new["properties"].as_object_mut().unwrap().remove("pool");
            },
            "/pool is gone",
        ),
        (
            &|new| new["properties"]["need"]["oneOf"][0]["enum"] = json!(["yes"]),
            "/need can no longer be `no`",
        ),
        (
            &|new| new["required"] = json!(["v"]),
            "/name may now be missing",
        ),
        (
            &|new| new["properties"]["name"]["type"] = json!(["string", "null"]),
            "/name may now be null",
        ),
        (
            &|new| new["properties"]["name"] = json!({}),
            "/name may now be anything",
        ),
        (
            &|new| {
                new["$defs"]["Reason"]["oneOf"]
                    .as_array_mut()
                    .unwrap()
                    .remove(0);
            },
            "/reasons/[]<kind=\"flag\"> is gone",
        ),
        (
            &|new| {
                new["$defs"]["Reason"]["oneOf"][0]["properties"]["omitted"]["type"] =
                    json!("string");
            },
            "/reasons/[]<kind=\"flag\">/omitted may now be string",
        ),
    ];
    for (change, said) in minded {
        assert_eq!(changed(change), [said]);
    }
}

#[test]
fn a_document_with_a_wrong_word_is_not_valid() {
    let validator = jsonschema::validator_for(&schema("status.v1.json")).unwrap();
    let document = json!({
        "kind": "aksreboot/Status", "v": 1, "cluster": {"context": "c", "server": "s"}, "nodes": [],
        "summary": {"nodes": 0, "yes": 0, "no": 0, "unknown": 0, "notApplicable": 0, "unevenPools": []},
        "errors": [],
    });
    assert!(validator.is_valid(&document));
    for (pointer, wrong) in [
        ("/v", json!(2)),
        ("/kind", json!("x")),
        ("/summary/yes", json!("1")),
    ] {
        let mut document = document.clone();
        *document.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&document), "{pointer}");
    }
}
