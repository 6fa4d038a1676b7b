//! Names that somebody may have meant.

/// At most three of `names` that are near to `wanted`, the nearest first: few letters changed, or one a part of the
/// other.
pub(crate) fn near<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let tolerance = 1 + wanted.chars().count() / 6;
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let contains = !wanted.is_empty() && (name.contains(wanted) || wanted.contains(name));
            let distance = if contains { 0 } else { distance(wanted, name) };
            (distance <= tolerance).then_some((distance, name))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// How many letters must be put in, taken out or changed to make one name of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (row, from) in a.chars().enumerate() {
        let mut left = row + 1;
        let mut diagonal = above[0];
        above[0] = left;
        for (column, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = above[column + 1];
            left = change.min(left + 1).min(diagonal + 1);
            above[column + 1] = left;
        }
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_near() {
        let names = [
            "aks-blue-12345678-vmss000000",
            "aks-blue-12345678-vmss000001",
            "aks-green-87654321-vmss000000",
        ];
        assert_eq!(
            near("aks-bleu-12345678-vmss000001", names),
            [names[1], names[0]]
        );
        assert_eq!(near("green", names), [names[2]]);
        assert!(near("something-else", names).is_empty());
    }

    #[test]
    fn distance_counts_letters() {
        for (a, b, letters) in [
            ("", "", 0),
            ("a", "", 1),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
        ] {
            assert_eq!(distance(a, b), letters, "{a} {b}");
        }
    }
}
