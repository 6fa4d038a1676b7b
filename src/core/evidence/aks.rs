//! What AKS writes on a node about its image and its updates. None of it is a documented interface but the labels; what
//! is missing or in another form is `None`.

use jiff::civil::Date;

use crate::core::reason::Reason;

/// Labels and annotations, in the values they came with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AksHints {
    /// The node image's version.
    pub(crate) image: Option<String>,
    pub(crate) os_sku: Option<String>,
    /// An upgrade's own label: quarantined, paused.
    pub(crate) upgrade: Option<String>,
    /// The state of packages that the node should have, by the channel SecurityPatch.
    pub(crate) golden: Option<String>,
    /// The state of packages that it has.
    pub(crate) current: Option<String>,
}

impl AksHints {
    /// By lookups of a label and of an annotation.
    pub(crate) fn read<'a>(
        label: impl Fn(&str) -> Option<&'a str>,
        annotation: impl Fn(&str) -> Option<&'a str>,
    ) -> Self {
        let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        Self {
            image: owned(label("kubernetes.azure.com/node-image-version")),
            os_sku: owned(label("kubernetes.azure.com/os-sku")),
            upgrade: owned(label("kubernetes.azure.com/upgrade-status")),
            golden: owned(annotation(
                "kubernetes.azure.com/live-patching-golden-timestamp",
            )),
            current: owned(annotation(
                "kubernetes.azure.com/live-patching-current-timestamp",
            )),
        }
    }

    /// The day of the node image, or of its last security patch where the version tells one.
    pub(crate) fn image_date(&self) -> Option<Date> {
        image_date(self.image.as_deref()?)
    }

    /// What the hints say besides, for a node whatever its verdict.
    pub(crate) fn notes(&self) -> Vec<Reason> {
        let behind =
            self.security_patch_behind()
                .map(|(current, golden)| Reason::SecurityPatchBehind {
                    current: current.map(str::to_owned),
                    golden: golden.to_owned(),
                });
        let upgrade = self
            .upgrade
            .clone()
            .map(|status| Reason::UpgradeStatus { status });
        behind.into_iter().chain(upgrade).collect()
    }

    /// What the node has and what it should have, where they differ.
    fn security_patch_behind(&self) -> Option<(Option<&str>, &str)> {
        let golden = self.golden.as_deref()?;
        (self.current.as_deref() != Some(golden)).then_some((self.current.as_deref(), golden))
    }
}

/// The newest day in a node image's version: `AKSUbuntu-2404gen2containerd-202602.10.0` is of 10 February 2026; a security
/// patch adds its own (`…-202410.27.0-2024.12.01`); Windows writes `…-26100.32370.260210`.
pub(crate) fn image_date(version: &str) -> Option<Date> {
    version
        .split('-')
        .filter_map(|part| {
            let numbers: Vec<&str> = part.split('.').collect();
            match numbers.as_slice() {
                [month, day, _patch] if month.len() == 6 && day.len() == 2 => {
                    date(month.get(..4)?, month.get(4..)?, day)
                }
                [year, month, day] if year.len() == 4 && month.len() == 2 && day.len() == 2 => {
                    date(year, month, day)
                }
                [.., last] if numbers.len() > 2 && last.len() == 6 => {
                    let year = format!("20{}", last.get(..2)?);
                    date(&year, last.get(2..4)?, last.get(4..)?)
                }
                _ => None,
            }
        })
        .max()
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let number = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse().ok())?
    };
    let year = number(year)?;
    (2015..2100).contains(&year).then_some(())?;
    let small = |text: &str| i8::try_from(number(text)?).ok();
    Date::new(year, small(month)?, small(day)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Versions as Microsoft's documentation and release notes write them.
    #[test]
    fn an_image_version_tells_its_day() {
        for (version, day) in [
            ("AKSUbuntu-2404gen2containerd-202602.10.0", "2026-02-10"),
            (
                "AKSUbuntu-2204gen2containerd-202410.27.0-2024.12.01",
                "2024-12-01",
            ),
            ("AKSAzureContainerLinux-202606.01.0", "2026-06-01"),
            ("AKSFlatcar-flatcargen2-202508.06.0", "2025-08-06"),
            ("AKSAzureLinux-V3gen2-202512.06.0", "2025-12-06"),
            ("AKSWindows-2025-gen2-26100.32370.260210", "2026-02-10"),
        ] {
            assert_eq!(image_date(version), day.parse().ok(), "{version}");
        }
        for version in ["", "AKSUbuntu-1804", "a-202613.40.0", "202602.1", "1.2.3"] {
            assert_eq!(image_date(version), None, "{version}");
        }
    }

    #[test]
    fn a_security_patch_is_behind_where_the_golden_time_is_another() {
        let hints = |golden: Option<&str>, current: Option<&str>| AksHints {
            golden: golden.map(str::to_owned),
            current: current.map(str::to_owned),
            ..AksHints::default()
        };
        let behind = |golden, current| hints(golden, current).security_patch_behind().is_some();
        assert!(behind(Some("20250815T000000Z"), Some("20250801T000000Z")));
        assert!(behind(Some("20250815T000000Z"), None));
        assert!(!behind(Some("20250815T000000Z"), Some("20250815T000000Z")));
        assert!(!behind(None, Some("20250801T000000Z")));
    }

    proptest! {
        #[test]
        fn any_text_has_a_day_or_none(version in "[0-9.-]{0,30}|.{0,20}") {
            let _ = image_date(&version);
        }
    }
}
