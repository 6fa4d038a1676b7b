//! Orders and flavours, against examples of the distributions' own and against the laws of an order.

use proptest::prelude::*;

use super::*;

fn newest(naming: Naming, running: &str, installed: &[&str]) -> Option<String> {
    let installed: Vec<String> = installed.iter().map(|name| (*name).to_owned()).collect();
    newest_installed(naming, &Kernel::new(running), &installed).map(|kernel| kernel.to_string())
}

#[test]
fn numbers_count_by_value_not_by_letters() {
    assert_eq!(
        newest(
            Naming::Debian,
            "6.8.0-997-azure",
            &["6.8.0-997-azure", "6.8.0-1039-azure", "6.8.0-1021-azure"]
        ),
        Some("6.8.0-1039-azure".into())
    );
    assert_eq!(
        newest(
            Naming::Rpm,
            "5.14.0-427.9.1.el9_4.x86_64",
            &[
                "5.14.0-427.9.1.el9_4.x86_64",
                "5.14.0-427.13.1.el9_4.x86_64"
            ]
        ),
        Some("5.14.0-427.13.1.el9_4.x86_64".into())
    );
}

#[test]
fn another_flavour_is_no_newer_kernel() {
    let azure = "6.8.0-1021-azure";
    assert_eq!(
        newest(
            Naming::Debian,
            azure,
            &[azure, "6.11.0-1-azure-fde", "6.14.0-2-generic"]
        ),
        Some(azure.into())
    );
    assert_eq!(newest(Naming::Debian, azure, &["6.14.0-2-generic"]), None);
    assert_eq!(
        newest(Naming::Debian, azure, &["6.8.0-2000-azure.old"]),
        None
    );
    let rocky = "5.14.0-427.13.1.el9_4.x86_64";
    assert_eq!(
        newest(
            Naming::Rpm,
            rocky,
            &[
                rocky,
                "5.14.0-503.1.1.el9_5.x86_64+rt",
                "0-rescue-4c4d6a1f00004000800000000000000a"
            ]
        ),
        Some(rocky.into())
    );
    let azl = "6.6.57.1-6.azl3";
    assert_eq!(
        newest(
            Naming::AzureLinux,
            azl,
            &[azl, "6.12.40.1-1.azl3", "6.6.100.mshv1-1.azl3"]
        ),
        Some(azl.into())
    );
    assert_eq!(
        newest(Naming::AzureLinux, azl, &[azl, "6.6.92.2-2.azl3"]),
        Some("6.6.92.2-2.azl3".into())
    );
}

#[test]
fn versions_sort_as_each_distribution_sorts_them() {
    for (older, newer) in [
        // deb-version(7)
        ("6.1.0-18-amd64", "6.1.0-21-amd64"),
        ("6.8.0-amd64", "6.10.0-amd64"),
        ("6.12~rc3-amd64", "6.12-amd64"),
        ("6.1.99-amd64", "6.1.99+deb12-amd64"),
        ("6.1.099-amd64", "6.1.100-amd64"),
        // rpm
        ("5.14.0-9.el9.x86_64", "5.14.0-10.el9.x86_64"),
        ("4.18.0-553.el8_10.x86_64", "4.18.0-553.5.1.el8_10.x86_64"),
        ("6.6.57.1-6.azl3", "6.6.100.1-1.azl3"),
        ("5.15.9.1-1.cm2", "5.15.167.1-2.cm2"),
        ("6.10.0-0.rc4.fc41.x86_64", "6.10.0-300.fc41.x86_64"),
    ] {
        let (older, newer) = (Kernel::new(older), Kernel::new(newer));
        assert!(is_older(&older, &newer), "{older} < {newer}");
        assert!(!is_older(&newer, &older), "{newer} > {older}");
        assert!(!is_older(&older, &older));
    }
}

#[test]
fn of_two_ways_of_naming_neither_is_older() {
    let (debian, rpm) = (
        Kernel::new("6.8.0-1021-azure"),
        Kernel::new("5.14.0-9.el9.x86_64"),
    );
    assert!(!is_older(&debian, &rpm) && !is_older(&rpm, &debian));
}

/// The pairs of rpm's own test suite (tests/rpmvercmp.at of rpm-software-management/rpm), written down from there.
#[test]
fn rpmvercmp_agrees_with_rpms_own_examples() {
    for (a, b, order) in [
        ("1.0", "1.0", Ordering::Equal),
        ("1.0", "2.0", Ordering::Less),
        ("2.0.1", "2.0.1a", Ordering::Less),
        ("5.5p1", "5.5p2", Ordering::Less),
        ("5.5p10", "5.5p1", Ordering::Greater),
        ("10xyz", "10.1xyz", Ordering::Less),
        ("xyz10", "xyz10.1", Ordering::Less),
        ("xyz.4", "8", Ordering::Less),
        ("xyz.4", "2", Ordering::Less),
        ("5.5p2", "5.6p1", Ordering::Less),
        ("6.0.rc1", "6.0", Ordering::Greater),
        ("10b2", "10a1", Ordering::Greater),
        ("1.0aa", "1.0a", Ordering::Greater),
        ("10.0001", "10.0039", Ordering::Less),
        ("10.0001", "10.1", Ordering::Equal),
        ("4.999.9", "5.0", Ordering::Less),
        ("20101121", "20101122", Ordering::Less),
        ("2_0", "2.0", Ordering::Equal),
        ("a", "a+", Ordering::Equal),
        ("+", "_", Ordering::Equal),
        ("1.0~rc1", "1.0", Ordering::Less),
        ("1.0~rc1", "1.0~rc2", Ordering::Less),
        ("1.0~rc1~git123", "1.0~rc1", Ordering::Less),
        ("1.0^", "1.0", Ordering::Greater),
        ("1.0^git1", "1.01", Ordering::Less),
        ("1.0^20160101", "1.0.1", Ordering::Less),
        ("1.0~rc1^git1", "1.0~rc1", Ordering::Greater),
        ("1.0^git1~pre", "1.0^git1", Ordering::Less),
    ] {
        assert_eq!(rpm::order(a, b), order, "{a} {b}");
        assert_eq!(rpm::order(b, a), order.reverse(), "{b} {a}");
    }
}

proptest! {
    #[test]
    fn any_text_is_ordered_and_the_order_has_no_contradiction(
        a in "[0-9a-c~^.+_-]{0,12}|.{0,8}", b in "[0-9a-c~^.+_-]{0,12}|.{0,8}", c in "[0-9a-c~^.+_-]{0,8}",
    ) {
        for naming in [Naming::Debian, Naming::Rpm, Naming::AzureLinux] {
            prop_assert_eq!(naming.order(&a, &a), Ordering::Equal);
            prop_assert_eq!(naming.order(&a, &b), naming.order(&b, &a).reverse());
            if naming.order(&a, &b).is_le() && naming.order(&b, &c).is_le() {
                prop_assert!(naming.order(&a, &c).is_le(), "{naming:?} {a:?} {b:?} {c:?}");
            }
            let _ = naming.flavour(&a);
        }
        let _ = is_older(&Kernel::new(a), &Kernel::new(b));
    }
}
