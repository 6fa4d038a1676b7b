//! Which CI system this runs in, and where it takes what a step hands on: by the variables that each documents.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::request::check_updates::CiChoice;

/// A CI system with what it told this step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CiSystem {
    Github {
        /// `GITHUB_STEP_SUMMARY`: Markdown is added there.
        summary: Option<PathBuf>,
        /// `GITHUB_OUTPUT`: NAME=VALUE lines are added there.
        outputs: Option<PathBuf>,
    },
    Azure {
        /// `AGENT_TEMPDIRECTORY`: emptied after each job.
        folder: Option<PathBuf>,
    },
    Gitlab,
}

/// By `variable`, unless somebody chose.
pub(crate) fn ci_system(
    choice: CiChoice,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Option<CiSystem> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let is_true = |name: &str| set(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let path = |name: &str| set(name).map(PathBuf::from);
    let github = || CiSystem::Github {
        summary: path("GITHUB_STEP_SUMMARY"),
        outputs: path("GITHUB_OUTPUT"),
    };
    let azure = || CiSystem::Azure {
        folder: path("AGENT_TEMPDIRECTORY"),
    };
    match choice {
        CiChoice::Github => Some(github()),
        CiChoice::Azure => Some(azure()),
        CiChoice::Gitlab => Some(CiSystem::Gitlab),
        CiChoice::Auto if is_true("GITHUB_ACTIONS") => Some(github()),
        CiChoice::Auto if is_true("TF_BUILD") => Some(azure()),
        CiChoice::Auto if is_true("GITLAB_CI") => Some(CiSystem::Gitlab),
        CiChoice::Auto | CiChoice::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(choice: CiChoice, variables: &[(&str, &str)]) -> Option<CiSystem> {
        ci_system(choice, |name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn a_system_is_known_by_its_own_variable_and_by_no_other() {
        let auto = |variables: &[(&str, &str)]| system(CiChoice::Auto, variables);
        assert_eq!(auto(&[("CI", "true")]), None);
        assert_eq!(auto(&[("GITHUB_ACTIONS", "")]), None);
        assert_eq!(auto(&[("GITLAB_CI", "true")]), Some(CiSystem::Gitlab));
        assert_eq!(
            auto(&[("TF_BUILD", "True"), ("AGENT_TEMPDIRECTORY", "/t")]),
            Some(CiSystem::Azure {
                folder: Some("/t".into())
            })
        );
        let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "/s")];
        let github = Some(CiSystem::Github {
            summary: Some("/s".into()),
            outputs: None,
        });
        assert_eq!(auto(&variables), github);
        assert_eq!(system(CiChoice::None, &variables), None);
        assert_eq!(system(CiChoice::Gitlab, &variables), Some(CiSystem::Gitlab));
    }
}
