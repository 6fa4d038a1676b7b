//! What is said of Azure's word, where a part of it is missing.

use super::*;
use crate::core::azure::{AzureCluster, AzurePool, AzureTrouble, AzureView, Channels, Latest};

fn pool(name: &str, latest: Latest) -> AzurePool {
    AzurePool {
        name: name.into(),
        image: None,
        latest,
        state: None,
    }
}

fn view(pools: Vec<AzurePool>, unread: Vec<AzureTrouble>) -> Azure {
    Azure::Asked(Ok(AzureView {
        cluster: AzureCluster {
            subscription: "s".into(),
            resource_group: "rg".into(),
            name: "c".into(),
        },
        channels: Channels::default(),
        pools,
        operations: Vec::new(),
        unread,
    }))
}

fn denied() -> AzureTrouble {
    AzureTrouble::Denied {
        message: "no".into(),
    }
}

fn lines(azure: &Azure) -> Vec<String> {
    with(Vec::new(), &[], |report| {
        azure_lines(&Report { azure, ..*report })
    })
}

#[test]
fn pools_whose_newest_image_was_not_read_are_named_with_the_reason() {
    let unread = || Latest::Unread { trouble: denied() };
    let newest = Latest::Image {
        version: "AKSUbuntu-202606.01.0".into(),
    };
    let azure = view(
        vec![
            pool("blue", unread()),
            pool("green", newest),
            pool("red", unread()),
        ],
        Vec::new(),
    );
    let said = lines(&azure);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(
        said[1].starts_with("note: the newest node image of the pools blue, red was not read: "),
        "{said:?}"
    );
    assert!(said[2].starts_with("hint: "), "{said:?}");
}

#[test]
fn a_part_that_was_not_read_is_not_the_whole() {
    let said = lines(&view(Vec::new(), vec![denied()]));
    assert!(
        said[1].starts_with("note: part of what Azure knows was not read: "),
        "{said:?}"
    );
    let said = lines(&Azure::Asked(Err(denied())));
    assert!(
        said[0].starts_with("note: Azure was not read: "),
        "{said:?}"
    );
}

#[test]
fn a_newest_image_that_was_asked_for_and_not_told_is_unknown_and_not_none() {
    let node = |image| NodeUpdates {
        status: status("n1", "blue", Need::No, Vec::new()),
        packages: Packages::NotApplicable(Reason::Windows),
        image,
    };
    let unread = || Reason::AzureUnread { trouble: denied() };
    for (image, wanted) in [
        (Image::Unknown(Reason::AzureNotAsked), NONE),
        (Image::Unknown(unread()), UNKNOWN),
        (
            Image::Unknown(Reason::LatestImageNotTold {
                pool: "blue".into(),
            }),
            UNKNOWN,
        ),
        (Image::NotApplicable(Reason::VirtualNode), NONE),
    ] {
        let (cell, markdown) = with(vec![node(image)], &[], |report| {
            let column = COLUMNS.iter().find(|it| it.header == "LATEST-IMAGE");
            let column = column.expect("a column");
            (
                (column.cell)(&report.nodes[0], &report.at),
                markdown(report, false),
            )
        });
        assert_eq!(cell, wanted);
        assert_eq!(markdown.contains("newest unknown"), wanted == UNKNOWN);
    }
}
