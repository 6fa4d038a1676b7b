//! Names of images, as people and kubelets write them.

/// The full name: registry, repository, and `latest` where nothing else is said. (distribution/reference: `docker.io`
/// stands for a registry that is not named.)
pub(crate) fn full_name(image: &str) -> String {
    let (first, rest) = image.split_once('/').unwrap_or(("", image));
    let is_registry = first.contains(['.', ':']) || first == "localhost";
    let mut name = match (is_registry, first) {
        (true, _) => image.to_owned(),
        (false, "") => format!("docker.io/library/{rest}"),
        (false, _) => format!("docker.io/{image}"),
    };
    if !is_fixed(&name) && tag(&name).is_none() {
        name.push_str(":latest");
    }
    name
}

/// What the name stands for may change any day.
pub(crate) fn is_moving(image: &str) -> bool {
    let name = full_name(image);
    !is_fixed(&name) && tag(&name) == Some("latest")
}

/// Named by a digest.
fn is_fixed(name: &str) -> bool {
    name.contains('@')
}

fn tag(name: &str) -> Option<&str> {
    let (_, tag) = name.rsplit_once(':')?;
    // A registry's port is followed by a path.
    (!tag.contains('/')).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_those_of_the_docker_hub() {
        for (short, full) in [
            ("busybox", "docker.io/library/busybox:latest"),
            ("busybox:1.36", "docker.io/library/busybox:1.36"),
            ("me/tools", "docker.io/me/tools:latest"),
            ("localhost:5000/tools", "localhost:5000/tools:latest"),
            (
                "mcr.microsoft.com/azurelinux/busybox:1.36",
                "mcr.microsoft.com/azurelinux/busybox:1.36",
            ),
            (
                "registry.example/a@sha256:00",
                "registry.example/a@sha256:00",
            ),
        ] {
            assert_eq!(full_name(short), full);
        }
    }

    #[test]
    fn a_digest_or_a_tag_stays_and_latest_moves() {
        assert!(is_moving("registry.example:5000/tools"));
        assert!(is_moving("busybox:latest"));
        assert!(!is_moving("busybox:1"));
        assert!(!is_moving("busybox@sha256:00"));
    }
}
