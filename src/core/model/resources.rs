//! Amounts of processor and memory, and the quantities in which the API writes them.

/// Processor in thousandths of one, memory in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Resources {
    pub(crate) milli_cpu: u64,
    pub(crate) memory: u64,
}

/// What a node has for pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allocatable {
    pub(crate) resources: Resources,
    pub(crate) pods: u32,
}

impl Resources {
    /// From the texts of the API; what is missing or no quantity asks for nothing.
    pub(crate) fn read(cpu: Option<&str>, memory: Option<&str>) -> Self {
        let thousandths = |text: Option<&str>| text.and_then(thousandths).unwrap_or(0);
        Self {
            milli_cpu: thousandths(cpu),
            memory: thousandths(memory).div_ceil(1000),
        }
    }

    /// What a pod asks for in all: its containers at once, or its largest init container, and what running it costs.
    /// Init containers that keep running (`restartPolicy: Always`) count with the containers.
    pub(crate) fn of_pod(
        containers: impl Iterator<Item = Self>,
        once: impl Iterator<Item = Self>,
        overhead: Self,
    ) -> Self {
        let together = containers.fold(Self::default(), Self::plus);
        once.fold(together, |most, asked| Self {
            milli_cpu: most.milli_cpu.max(asked.milli_cpu),
            memory: most.memory.max(asked.memory),
        })
        .plus(overhead)
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            milli_cpu: self.milli_cpu.saturating_add(other.milli_cpu),
            memory: self.memory.saturating_add(other.memory),
        }
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self {
            milli_cpu: self.milli_cpu.saturating_sub(other.milli_cpu),
            memory: self.memory.saturating_sub(other.memory),
        }
    }
}

/// A quantity in thousandths, rounded up as the API server does: `1500m`, `1.5`, `2Gi`, `3e2`. The largest number
/// there is when it is larger.
fn thousandths(text: &str) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.' && c != '+')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && part.is_empty() {
        return None;
    }
    // Digits without their point, and by what to multiply and divide them.
    let digits: u128 = format!("{}{part}", whole.trim_start_matches('+'))
        .parse()
        .ok()?;
    let shift = u32::try_from(part.len()).ok()?;
    let (times, by): (u128, u128) = match unit {
        "n" => (1, 1_000_000),
        "u" => (1, 1000),
        "m" => (1, 1),
        "" => (1000, 1),
        "k" => (1_000_000, 1),
        "M" => (1_000_000_000, 1),
        "G" => (1_000_000_000_000, 1),
        "T" => (1_000_000_000_000_000, 1),
        "P" => (1_000_000_000_000_000_000, 1),
        "Ki" => (1000 << 10, 1),
        "Mi" => (1000 << 20, 1),
        "Gi" => (1000 << 30, 1),
        "Ti" => (1000 << 40, 1),
        "Pi" => (1000 << 50, 1),
        exponent => {
            let power: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            let ten = 10_u128.checked_pow(power.unsigned_abs())?;
            if power < 0 {
                (1000, ten)
            } else {
                (ten.checked_mul(1000)?, 1)
            }
        }
    };
    let by = by.checked_mul(10_u128.checked_pow(shift)?)?;
    let exact = digits.checked_mul(times)?.div_ceil(by);
    Some(u64::try_from(exact).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Resources, thousandths};

    #[test]
    fn quantities_are_read_in_every_way_that_the_api_writes_them() {
        for (text, expected) in [
            ("100m", 100),
            ("2", 2000),
            ("1.5", 1500),
            ("+1", 1000),
            (".5", 500),
            ("1k", 1_000_000),
            ("3e2", 300_000),
            ("5e-1", 500),
            ("1Ki", 1_024_000),
            ("1.5Gi", 1_610_612_736_000),
            // Rounded up: nothing is asked for less than it says.
            ("1n", 1),
            ("100500u", 101),
        ] {
            assert_eq!(thousandths(text), Some(expected), "{text}");
        }
        for text in ["", "Mi", "1Zi", "one", "1.2.3", "-1"] {
            assert_eq!(thousandths(text), None, "{text}");
        }
    }

    #[test]
    fn a_pod_asks_for_its_containers_or_for_its_largest_init_container() {
        let of = |milli_cpu, memory| Resources { milli_cpu, memory };
        let containers = [of(100, 10), of(200, 20)];
        let asked = Resources::of_pod(containers.into_iter(), [of(50, 99)].into_iter(), of(5, 1));
        assert_eq!(asked, of(305, 100));
    }
}
