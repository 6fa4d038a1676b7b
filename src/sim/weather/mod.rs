//! Weather: what will happen to a cluster, as data. Drawn from a seed, printed as text, read back from it; the same text
//! or the same seed over the same world is the same weather.

mod draw;
mod fault;
mod world;

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::fault::Fault;

use self::draw::Draw;
use super::faults::Happening;
use super::words::Unreadable;
use super::world::World;

/// What will happen, each thing once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    pub happenings: Vec<Happening>,
}

/// How many faults a drawn weather has: of a hundred weathers so many have none, one, two, and so on.
const FAULTS_IN_A_HUNDRED: [u64; 6] = [8, 30, 30, 16, 10, 6];

impl Weather {
    /// A weather for this world, the same for the same seed. Each fault is drawn as likely as each other; when it comes,
    /// and upon what, is drawn as `docs/simulation.md` says.
    pub fn drawn(seed: u64, world: &World) -> Self {
        let mut draw = Draw::new(seed, world);
        let mut of_a_hundred = draw.below(FAULTS_IN_A_HUNDRED.iter().sum());
        let mut faults = 0;
        for share in FAULTS_IN_A_HUNDRED {
            if of_a_hundred < share {
                break;
            }
            of_a_hundred -= share;
            faults += 1;
        }
        let happenings = (0..faults)
            .flat_map(|_| {
                let fault = draw.pick(&Fault::ALL);
                draw.fault(fault)
            })
            .collect();
        Self { happenings }
    }
}

impl World {
    /// The same world, over which this weather comes.
    #[must_use]
    pub fn under(mut self, weather: &Weather) -> Self {
        self.happenings.extend(weather.happenings.iter().cloned());
        self
    }
}

/// One happening a line.
impl Display for Weather {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.happenings
            .iter()
            .try_for_each(|happening| writeln!(f, "{happening}"))
    }
}

impl FromStr for Weather {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let happenings = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(at, line)| {
                line.trim()
                    .parse()
                    .map_err(|error: Unreadable| error.on_line(at + 1, line))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { happenings })
    }
}

impl Serialize for Happening {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Happening {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A list of texts, one a happening.
impl Serialize for Weather {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.happenings.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Weather {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(|happenings| Self { happenings })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Fault, Weather, World};

    #[test]
    fn drawn_weather_is_read_back_as_it_was_from_text_and_from_json() {
        let mut drawn = BTreeSet::new();
        for seed in 0..2000 {
            let weather = Weather::drawn(seed, &World::drawn(seed));
            assert_eq!(
                weather.to_string().parse(),
                Ok(weather.clone()),
                "{weather}"
            );
            let json = serde_json::to_string(&weather).unwrap();
            assert_eq!(serde_json::from_str::<Weather>(&json).unwrap(), weather);
            assert_eq!(weather, Weather::drawn(seed, &World::drawn(seed)));
            let faults = weather.happenings.iter();
            drawn.extend(faults.filter_map(|happening| Fault::of(&happening.what)));
        }
        assert_eq!(drawn, BTreeSet::from(Fault::ALL));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said_with_its_number() {
        let wrong = "at 3s: watches are cut\nat 5 o'clock: node-1 reboots\n";
        assert_eq!(
            wrong.parse::<Weather>().unwrap_err().to_string(),
            "line 2, `at 5 o'clock: node-1 reboots`: `5` is no duration such as 1m30s"
        );
        for wrong in [
            "watches are cut",
            "at 3s: it rains",
            "at 3s: node-1 sings",
            "before patch: lost on its way",
            "3s after node-1 is marked: watches are cut",
            "at 3s: watches are cut again",
            "at 3s: somebody hides node-1",
        ] {
            assert!(wrong.parse::<Weather>().is_err(), "{wrong}");
        }
    }
}
