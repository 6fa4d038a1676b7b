//! The reading of answers: what is refused, and that whatever is written is read back.

use proptest::prelude::*;

use super::super::write::write_answer;
use super::*;

const NONCE: &str = "0123456789abcdef";

fn wire(lines: &[&str]) -> String {
    let mut text = format!("aksreboot-probe 1 {NONCE}\n");
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text + &format!("end {NONCE} {}\n", lines.len())
}

fn refusal(text: &str) -> String {
    match parse_answer(text.as_bytes(), NONCE) {
        Err(Reason::ProbeAnswer { message }) => message,
        other => panic!("accepted: {other:?}"),
    }
}

#[test]
fn absent_and_unreadable_and_not_read_stay_apart() {
    let read = |lines: &[&str]| {
        parse_answer(wire(lines).as_bytes(), NONCE)
            .expect("a sound answer")
            .flag
    };
    assert_eq!(read(&["flag absent"]), Flag::Absent);
    assert_eq!(
        read(&["flag unreadable not-searchable"]),
        Flag::Unreadable("not-searchable".into())
    );
    assert_eq!(read(&["kernel 6.8.0"]), Flag::NotRead);
}

#[test]
fn keys_of_a_later_script_are_passed_over() {
    assert!(parse_answer(wire(&["flag absent", "esp mounted"]).as_bytes(), NONCE).is_ok());
}

#[test]
fn a_single_value_given_twice_is_refused() {
    assert_eq!(
        refusal(&wire(&["flag absent", "flag present"])),
        "`flag` twice"
    );
    assert_eq!(
        refusal(&wire(&["boot-id a", "boot-id b"])),
        "`boot-id` twice"
    );
}

#[test]
fn a_list_must_have_the_length_it_says() {
    assert_eq!(
        refusal(&wire(&["pkgs read 2", "pkg dbus"])),
        "`pkgs` has another length than it says"
    );
    assert_eq!(refusal(&wire(&["pkg dbus"])), "`pkg` without its list");
    assert!(
        parse_answer(
            wire(&["pkgs read 41", "pkg dbus", "omitted pkg 40"]).as_bytes(),
            NONCE
        )
        .is_ok()
    );
}

#[test]
fn one_part_has_one_time_and_one_question_one_answer() {
    assert_eq!(
        refusal(&wire(&["component glibc 1", "component glibc 2"])),
        "`component glibc` twice"
    );
    assert_eq!(
        refusal(&wire(&["sentinel-file absent", "sentinel-command exit 1"])),
        "two sentinels"
    );
    assert_eq!(
        refusal(&wire(&["sentinel-command exit 256"])),
        "no number: `256`"
    );
    assert_eq!(
        refusal(&wire(&["component glibc absent really"])),
        "`component` in another form"
    );
}

#[test]
fn another_nonce_or_format_is_refused() {
    let sound = wire(&["flag absent"]);
    assert_eq!(
        refusal(&sound.replace(NONCE, "fedcba9876543210")),
        "asked by somebody else"
    );
    assert_eq!(
        refusal(&sound.replace("probe 1", "probe 2")),
        "in another version of the format"
    );
}

#[test]
fn a_forged_end_in_a_value_ends_nothing() {
    let forged = format!("kernel x%0Aend {NONCE} 1");
    assert_eq!(
        refusal(&wire(&[&forged])),
        "a character that should have been escaped"
    );
}

fn name() -> impl Strategy<Value = String> {
    proptest::string::string_regex(".{1,20}").expect("a sound expression")
}

fn listing() -> impl Strategy<Value = Listing> {
    prop_oneof![
        Just(Listing::NotRead),
        Just(Listing::Absent),
        name().prop_map(Listing::Unreadable),
        (proptest::collection::vec(name(), 0..6), 0u32..1000)
            .prop_map(|(names, omitted)| Listing::Read { names, omitted }),
    ]
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    proptest::option::of((0i64..4_000_000_000).prop_map(|second| {
        Timestamp::from_second(second).expect("a second of this century or the next")
    }))
}

fn flag() -> impl Strategy<Value = Flag> {
    prop_oneof![
        Just(Flag::NotRead),
        Just(Flag::Absent),
        time().prop_map(Flag::Present),
        name().prop_map(Flag::Unreadable),
    ]
}

fn installed() -> impl Strategy<Value = Installed> {
    prop_oneof![
        Just(Installed::Absent),
        time().prop_map(|at| at.map_or(Installed::Absent, Installed::At)),
        name().prop_map(Installed::Unreadable),
    ]
}

fn watch() -> impl Strategy<Value = Watch> {
    (
        time(),
        time(),
        proptest::collection::btree_map(name(), installed(), 0..6),
        proptest::option::of(prop_oneof![Just(WatchedBy::Files), Just(WatchedBy::Rpm)]),
    )
        .prop_map(|(booted, started, components, by)| Watch {
            booted,
            started,
            components,
            by,
        })
}

fn sentinel() -> impl Strategy<Value = SentinelSaid> {
    prop_oneof![
        Just(SentinelSaid::NotRead),
        flag().prop_map(|flag| match flag {
            Flag::NotRead => SentinelSaid::NotRead,
            flag => SentinelSaid::File(flag),
        }),
        any::<u8>().prop_map(SentinelSaid::Exit),
        name().prop_map(SentinelSaid::Refused),
    ]
}

fn needrestart() -> impl Strategy<Value = Option<Needrestart>> {
    proptest::option::of(
        (
            prop_oneof![
                Just(KernelState::Unknown),
                Just(KernelState::Current),
                Just(KernelState::Pending)
            ],
            proptest::option::of(name()),
        )
            .prop_map(|(state, expected)| Needrestart {
                state,
                expected: expected.map(Kernel::new),
            }),
    )
}

fn answer() -> impl Strategy<Value = Answer> {
    let word = || proptest::option::of(name());
    (
        (word(), word(), word(), word(), word(), word()),
        (flag(), flag(), sentinel(), needrestart()),
        proptest::collection::vec(listing(), LISTS.len()),
        (time(), time(), time()),
        watch(),
    )
        .prop_map(
            |(words, (flag, reboot_needed, sentinel, needrestart), lists, times, watch)| {
                let (boot, kernel, id, version, variant, dnf_apply) = words;
                let (clock, changed, ran) = times;
                let mut lists = lists.into_iter();
                let mut list = || lists.next().expect("as many as there are");
                Answer {
                    boot: boot.map(BootId::new),
                    kernel: kernel.map(Kernel::new),
                    os: OsRelease {
                        id,
                        version,
                        variant,
                    },
                    flag,
                    reboot_needed,
                    asked: Sentinel::System,
                    sentinel,
                    packages: list(),
                    kernels: list(),
                    modules: list(),
                    busy: list(),
                    clock,
                    watch,
                    writers: list(),
                    traits: list(),
                    patching: PatchFacts {
                        timers: list(),
                        apt: list(),
                        dnf_apply,
                        changed,
                        ran,
                    },
                    needrestart,
                }
            },
        )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(answer in answer()) {
        let wire = write_answer(&answer, NONCE);
        prop_assume!(wire.len() <= LARGEST_ANSWER);
        prop_assert_eq!(parse_answer(wire.as_bytes(), NONCE), Ok(answer));
    }

    #[test]
    fn any_bytes_give_an_answer_or_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
        let _ = parse_answer(&bytes, NONCE);
    }

    #[test]
    fn any_lines_give_an_answer_or_a_reason(lines in proptest::collection::vec(
        "(flag|pkgs|pkg|clock|omitted|boot-id|component|sentinel-(file|command)|needrestart|writers|x) [a-z0-9 %+-]{0,12}", 0..12)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let _ = parse_answer(wire(&lines).as_bytes(), NONCE);
    }

    #[test]
    fn a_cut_at_either_end_is_refused(answer in answer(), at in 1usize..4096) {
        let wire = write_answer(&answer, NONCE);
        prop_assume!(wire.len() <= LARGEST_ANSWER);
        let at = at.min(wire.len());
        prop_assert!(parse_answer(&wire.as_bytes()[at..], NONCE).is_err());
        prop_assert!(parse_answer(&wire.as_bytes()[..wire.len() - at], NONCE).is_err());
    }
}
