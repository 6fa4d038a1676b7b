use proptest::prelude::*;

use super::*;
use crate::core::evidence::Answer;
use crate::core::updates::{NodeAnswer, write_node_answer, write_packages};

const NONCE: &str = "0123456789abcdef";

fn package(name: &str, standing: Standing, security: Option<bool>) -> PackageUpdate {
    PackageUpdate {
        name: name.into(),
        architecture: Some("amd64".into()),
        installed: Some("1.0-1".into()),
        candidate: "1.0-2".into(),
        security,
        standing,
        origin: Some("Ubuntu:24.04/noble-security".into()),
    }
}

fn answer_with(packages: Vec<PackageUpdate>) -> PackagesAnswer {
    PackagesAnswer {
        manager: Manager::Apt,
        said: Asked::Read(PackageList {
            counts: Counts::of(&packages),
            packages: Ok(packages),
            omitted: 0,
        }),
        data: Some((DataAgeBy::SuccessStamp, Timestamp::UNIX_EPOCH)),
        sources_without_data: (vec!["archive.example_dists_noble".into()], 3),
        locks: vec!["/var/lib/dpkg/lock".into()],
        cost: Some(Cost {
            cpu_milliseconds: 870,
            milliseconds: 1100,
        }),
    }
}

fn written(packages: &PackagesAnswer) -> (String, String) {
    write(Ok(Some(packages.clone())))
}

fn write(packages: Result<Option<PackagesAnswer>, Reason>) -> (String, String) {
    let evidence = Answer::default();
    write_node_answer(&NodeAnswer { evidence, packages }, NONCE)
}

fn read(answer: &str, list: &[u8]) -> Result<Option<PackagesAnswer>, Reason> {
    parse_packages(answer.as_bytes(), NONCE, Ok(list))
}

/// Why the list does not count.
fn cut(answer: &str, list: Result<&[u8], String>) -> String {
    let parsed = parse_packages(answer.as_bytes(), NONCE, list).expect("a summary");
    match parsed.expect("a manager").said {
        Asked::Read(PackageList {
            packages: Err(why), ..
        }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_written_is_read_back() {
    let all = answer_with(vec![
        package("libc6", Standing::Pending, Some(true)),
        PackageUpdate {
            architecture: None,
            installed: None,
            origin: None,
            ..package(
                "linux-image-6.8.0-1046-azure",
                Standing::Pending,
                Some(false),
            )
        },
        package("-", Standing::Phased, None),
        package("systemd", Standing::KeptBack, Some(false)),
    ]);
    let (answer, list) = written(&all);
    assert_eq!(read(&answer, list.as_bytes()), Ok(Some(all)));
}

#[test]
fn nobody_to_ask_is_another_thing_than_nothing_pending() {
    let (answer, list) = write(Ok(None));
    assert_eq!(read(&answer, list.as_bytes()), Ok(None));
    let (answer, list) = written(&answer_with(Vec::new()));
    assert!(matches!(read(&answer, list.as_bytes()), Ok(Some(_))));
    let (answer, _) = write(Err(Reason::NotProbed));
    assert!(matches!(
        read(&answer, b""),
        Err(Reason::ProbeAnswer { .. })
    ));
}

#[test]
fn three_hundred_packages_come_through_whole() {
    let packages = (0..300)
        .map(|number| {
            package(
                &format!("package-{number:03}"),
                Standing::Pending,
                Some(false),
            )
        })
        .collect();
    let all = answer_with(packages);
    let (answer, list) = written(&all);
    assert!(answer.len() < 4000, "{}", answer.len());
    assert_eq!(read(&answer, list.as_bytes()), Ok(Some(all)));
}

#[test]
fn a_list_that_is_short_long_or_garbled_does_not_count_and_the_numbers_stay() {
    let all = answer_with(vec![
        package("libc6", Standing::Pending, Some(true)),
        package("dbus", Standing::Pending, Some(false)),
    ]);
    let (answer, list) = written(&all);
    let bytes = list.as_bytes();
    assert!(cut(&answer, Ok(&bytes[..bytes.len() - 1])).contains("bytes of"));
    let long = format!("{list}x y\n");
    assert!(cut(&answer, Ok(long.as_bytes())).contains("bytes of"));
    let garbled = list.replace("dbus", "dbux");
    assert!(cut(&answer, Ok(garbled.as_bytes())).contains("checksum"));
    assert_eq!(cut(&answer, Err("forbidden".into())), "forbidden");
    let parsed = parse_packages(answer.as_bytes(), NONCE, Err("gone".into()));
    let Ok(Some(PackagesAnswer {
        said: Asked::Read(list),
        ..
    })) = parsed
    else {
        panic!("{parsed:?}");
    };
    assert_eq!((list.counts.pending, list.counts.security), (2, Some(1)));
}

#[test]
fn numbers_and_list_must_agree() {
    let all = answer_with(vec![package("libc6", Standing::Pending, Some(true))]);
    let (answer, list) = written(&all);
    let more = answer.replace("updates-count 1 1 0 0", "updates-count 2 1 0 0");
    assert!(matches!(
        read(&more, list.as_bytes()),
        Err(Reason::ProbeAnswer { .. })
    ));
    let other = answer.replace("updates-count 1 1 0 0", "updates-count 0 0 1 0");
    assert!(cut(&other, Ok(list.as_bytes())).contains("numbers"));
}

#[test]
fn what_stands_there_twice_or_in_another_form_is_no_answer() {
    let (good, list) = written(&answer_with(vec![package("a", Standing::Pending, None)]));
    assert!(read(&good, list.as_bytes()).is_ok());
    for (line, instead) in [
        ("updates-manager apt\n", "updates-manager apk\n"),
        ("updates-manager apt\n", "updates-manager none apt\n"),
        ("updates read\n", "updates red\n"),
        ("updates read\n", "updates failed apt-get\n"),
        ("updates-count 1 - 0 0\n", "updates-count 1 0 0\n"),
        ("updates-count 1 - 0 0\n", "updates-count +1 - 0 0\n"),
        ("updates-locks /var/lib/dpkg/lock\n", "updates-locks \n"),
        (
            "updates-data success-stamp 0\n",
            "updates-data success-stamp\n",
        ),
        ("updates-data success-stamp 0\n", "updates-data guess 0\n"),
        (
            "updates-sources-without-data 4 ",
            "updates-sources-without-data 0 ",
        ),
        ("updates-cost 870 1100\n", "updates-cost 870\n"),
        ("updates-cost 870 1100\n", "updates read\n"),
    ] {
        assert!(good.contains(line), "{line}");
        let bad = good.replace(line, instead);
        assert!(
            matches!(read(&bad, list.as_bytes()), Err(Reason::ProbeAnswer { .. })),
            "{instead}"
        );
    }
}

#[test]
fn a_host_without_a_shell_to_ask_says_so() {
    let (good, _) = written(&answer_with(Vec::new()));
    let bad = good.replace(
        "updates-manager apt",
        "updates-manager unreadable exit%20code%20127",
    );
    assert_eq!(
        read(&bad, b""),
        Err(Reason::PackageQuestionFailed {
            program: "/bin/sh".into(),
            message: "exit code 127".into()
        })
    );
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9.+:~-]{1,40}".prop_map(String::from),
        "\\PC{1,30}".prop_map(String::from),
        Just("\u{1b}[31m ::error \n%0A ##vso[x]".to_owned()),
        Just("-".to_owned()),
    ]
}

prop_compose! {
    fn any_package()(
        name in text(),
        architecture in prop::option::of(text()),
        installed in prop::option::of(text()),
        candidate in text(),
        security in any::<Option<bool>>(),
        standing in prop::sample::select(vec![Standing::Pending, Standing::Phased, Standing::KeptBack]),
        origin in prop::option::of(text()),
    ) -> PackageUpdate {
        PackageUpdate { name, architecture, installed, candidate, security, standing, origin }
    }
}

proptest! {
    #[test]
    fn whatever_a_package_is_called_it_comes_back_as_it_was(packages in prop::collection::vec(any_package(), 0..20)) {
        let all = answer_with(packages);
        let (answer, list) = written(&all);
        prop_assert_eq!(read(&answer, list.as_bytes()), Ok(Some(all)));
    }

    #[test]
    fn one_changed_byte_of_a_list_is_never_taken_for_the_list(
        packages in prop::collection::vec(any_package(), 1..5),
        at in any::<prop::sample::Index>(),
        change in 1u8..=255,
    ) {
        let all = answer_with(packages);
        let (answer, list) = written(&all);
        let mut bytes = list.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        cut(&answer, Ok(&bytes));
    }
}

#[test]
fn a_failure_is_told_in_the_programs_words() {
    let failed = PackagesAnswer {
        said: Asked::Failed {
            program: "apt-get".into(),
            message: "exit code 100: The list of sources could not be read.".into(),
        },
        ..answer_with(Vec::new())
    };
    let (lines, list) = write_packages(Some(&failed));
    assert!(list.is_empty());
    assert!(lines.iter().all(|line| line.is_ascii()));
    let (answer, _) = written(&failed);
    assert_eq!(read(&answer, b""), Ok(Some(failed)));
}
