//! `doctor` finds what will not work before it does not, and changes nothing.

use serde_json::Value;

use crate::suite::audit::Audit;
use crate::suite::command::Ended;
use crate::suite::lab::Lab;

fn check<'d>(document: &'d Value, code: &str) -> &'d Value {
    let checks = document["checks"].as_array().expect("checks");
    let found = checks.iter().find(|check| check["code"] == code);
    found.unwrap_or_else(|| panic!("no {code} in {document:#}"))
}

fn document(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}\n{ended}"))
}

#[test]
fn doctor_changes_nothing_and_what_it_mends_is_mended_by_its_own_command() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    let audit = Audit::from_here(&lab);
    let ended = lab.run(&["doctor", "-o", "json"]);
    ended.exits(0).says("nothing was changed");
    let well = document(&ended);
    for code in [
        "AKR001", "AKR003", "AKR004", "AKR010", "AKR020", "AKR021", "AKR030", "AKR031", "AKR041",
        "AKR060", "AKR070",
    ] {
        assert_eq!(check(&well, code)["grade"], "ok", "{code}\n{ended}");
    }
    let open = check(&well, "AKR032");
    assert_eq!(open["grade"], "warn", "{open:#}");
    assert!(
        open["words"]
            .as_str()
            .is_some_and(|words| words.contains("root on every node")),
        "{open:#}"
    );
    let wrote = audit.requests().into_iter().find(|request| {
        let reads = ["get", "list", "watch"].contains(&request.verb.as_str());
        let asks = request.resource == "selfsubjectaccessreviews";
        !reads && !asks && request.was_done()
    });
    assert!(wrote.is_none(), "{wrote:?}");
    assert_eq!(lab.own("pods"), [""; 0]);

    // A level that denies every hostPath.
    let label = "pod-security.kubernetes.io/enforce";
    lab.afterwards(&[
        "kubectl",
        "label",
        "namespace",
        "aksreboot",
        &format!("{label}=privileged"),
        "--overwrite",
    ]);
    lab.kubectl(&[
        "label",
        "namespace",
        "aksreboot",
        &format!("{label}=baseline"),
        "--overwrite",
    ]);
    let ended = lab.run(&["doctor", "--for", "status,roll", "-o", "json"]);
    ended.exits(1);
    let denied = document(&ended);
    for code in ["AKR021", "AKR030", "AKR031"] {
        assert_eq!(check(&denied, code)["grade"], "fail", "{code}\n{ended}");
    }
    let probe = check(&denied, "AKR030");
    let words = probe["words"].as_str().expect("words");
    assert!(
        words.contains("violates PodSecurity \"baseline:latest\""),
        "{words}"
    );
    lab.run(&["status", "lab-1"])
        .exits(0)
        .says("violates PodSecurity");
    let remedy = probe["remedies"][0].as_str().expect("a remedy");
    let words: Vec<&str> = remedy.split_whitespace().skip(1).collect();
    lab.kubectl(&words);
    lab.run(&["doctor", "--for", "status"]).exits(0);
}
