//! A machine's description: what is on it, what a probe finds, what comes of its reboot.

use std::time::Duration;

use super::packages::{Package, PackageKind, Packages};

/// A host and the node that its kubelet registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    pub name: String,
    pub pool: String,
    /// `1`, `2`, `3`; none writes `0` into the label, as AKS does.
    pub zone: Option<String>,
    pub system: System,
    pub os: OsRelease,
    /// The running kernel.
    pub kernel: String,
    /// The kernels in `/boot`, oldest first. A boot takes the last.
    pub installed: Vec<String>,
    pub flag: Option<Flag>,
    /// Parts that were replaced, and how long before the world's start.
    pub replaced: Vec<(String, Duration)>,
    pub updates: Updates,
    pub packages: Packages,
    /// Package managers at work, by process name.
    pub packaging: Vec<String>,
    /// Images that are not there and cannot be pulled; `*` is every image.
    pub missing_images: Vec<String>,
    pub ready: bool,
    pub cordoned: bool,
    pub annotations: Vec<(String, String)>,
    pub labels: Vec<(String, String)>,
    pub taints: Vec<NodeTaint>,
    pub offers: Offers,
    pub probe: Probing,
    pub reboot: Reboot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    Linux,
    Windows,
}

/// `/etc/os-release`, and how the kubelet names the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsRelease {
    pub id: String,
    pub version: String,
    pub variant: Option<String>,
    /// `status.nodeInfo.osImage`.
    pub image: String,
    /// The label `kubernetes.azure.com/node-image-version`.
    pub node_image: String,
}

/// What a node has for pods: processor in thousandths, memory in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offers {
    pub milli_cpu: u32,
    pub memory_mib: u32,
    pub pods: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeTaint {
    pub key: String,
    pub value: String,
    pub effect: String,
}

/// The flag `/run/reboot-required`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    pub packages: Vec<String>,
    /// How long before the world's start it was raised.
    pub age: Duration,
}

/// What installs updates on the machine, as its files show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updates {
    /// The distribution's own nightly work.
    Nightly,
    /// Switched off, as AKS does where it replaces nodes by newer images.
    Off,
}

/// What a probe pod on the machine comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probing {
    /// It answers what is so.
    Answers,
    /// Its container runs and never ends.
    Hangs,
    /// It ends with this code and these words.
    Ends { code: i32, message: String },
}

/// What comes of a reboot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reboot {
    /// From the ask until the power cycle.
    pub shutdown: Duration,
    /// From there until the kubelet registers.
    pub boot: Duration,
    /// From there until the node is Ready.
    pub ready_after: Duration,
    pub ending: Ending,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Normal,
    /// The ask is made, and nothing comes of it.
    NothingHappens,
    /// The script on the host refuses, in these words.
    Refuses(String),
    NeverReturns,
    StaysNotReady,
    KeepsFlag,
    /// It comes up on this kernel, whatever is installed.
    Kernel(String),
}

impl Default for Reboot {
    fn default() -> Self {
        Self {
            shutdown: Duration::from_secs(8),
            boot: Duration::from_secs(30),
            ready_after: Duration::from_secs(6),
            ending: Ending::Normal,
        }
    }
}

impl Machine {
    /// A Ready Ubuntu node of pool `user` with nothing pending.
    pub fn linux(name: &str) -> Self {
        Self {
            name: name.into(),
            pool: "user".into(),
            zone: None,
            system: System::Linux,
            os: OsRelease {
                id: "ubuntu".into(),
                version: "24.04".into(),
                variant: None,
                image: "Ubuntu 24.04.3 LTS".into(),
                node_image: "AKSUbuntu-2404gen2containerd-202602.10.0".into(),
            },
            kernel: "6.8.0-1044-azure".into(),
            installed: vec!["6.8.0-1044-azure".into()],
            flag: None,
            replaced: Vec::new(),
            updates: Updates::Nightly,
            packages: Packages::default(),
            packaging: Vec::new(),
            missing_images: Vec::new(),
            ready: true,
            cordoned: false,
            annotations: Vec::new(),
            labels: Vec::new(),
            taints: Vec::new(),
            offers: Offers {
                milli_cpu: 3860,
                memory_mib: 12_576,
                pods: 110,
            },
            probe: Probing::Answers,
            reboot: Reboot::default(),
        }
    }

    /// A Ready Windows node.
    pub fn windows(name: &str) -> Self {
        Self {
            system: System::Windows,
            os: OsRelease {
                id: String::new(),
                version: String::new(),
                variant: None,
                image: "Windows Server 2025 Datacenter".into(),
                node_image: "AKSWindows-2025-gen2-26100.32370.260210".into(),
            },
            kernel: "10.0.26100.32370".into(),
            installed: Vec::new(),
            ..Self::linux(name)
        }
    }

    /// A Ready Azure Linux node: nothing on it raises a flag at once.
    pub fn azure_linux(name: &str) -> Self {
        Self {
            os: OsRelease {
                id: "azurelinux".into(),
                version: "3.0".into(),
                variant: None,
                image: "Microsoft Azure Linux 3.0".into(),
                node_image: "AKSAzureLinux-V3gen2-202602.10.0".into(),
            },
            kernel: "6.6.117.1-1.azl3".into(),
            installed: vec!["6.6.117.1-1.azl3".into()],
            ..Self::linux(name)
        }
    }

    /// A Ready node of Azure Container Linux, which is replaced as a whole.
    pub fn image_managed(name: &str) -> Self {
        Self {
            os: OsRelease {
                id: "azurelinux".into(),
                version: "3.0.20260206".into(),
                variant: Some("azurecontainerlinux".into()),
                image: "Microsoft Azure Container Linux 3.0.20260206".into(),
                node_image: "AKSAzureContainerLinux-202602.06.0".into(),
            },
            updates: Updates::Off,
            ..Self::azure_linux(name)
        }
    }

    #[must_use]
    pub fn pool(mut self, pool: &str) -> Self {
        self.pool = pool.into();
        self
    }

    #[must_use]
    pub fn zone(mut self, zone: &str) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// The flag was raised by these packages.
    #[must_use]
    pub fn pending(mut self, packages: &[&str], age: Duration) -> Self {
        self.flag = Some(Flag {
            packages: packages.iter().map(|&name| name.into()).collect(),
            age,
        });
        self
    }

    /// A newer kernel than the running one is installed.
    #[must_use]
    pub fn kernel_installed(mut self, kernel: &str) -> Self {
        self.installed.push(kernel.into());
        self
    }

    /// A part that only a reboot takes into use was replaced.
    #[must_use]
    pub fn replaced(mut self, component: &str, age: Duration) -> Self {
        self.replaced.push((component.into(), age));
        self
    }

    /// A newer version of this package is known; without an installed one it comes along with another.
    #[must_use]
    pub fn newer(
        mut self,
        name: &str,
        installed: &str,
        candidate: &str,
        kind: PackageKind,
    ) -> Self {
        let package = Package::new(name, installed, candidate, kind);
        self.packages.newer.push(package);
        self
    }

    /// The package data was fetched so long before the world's start, or never.
    #[must_use]
    pub fn package_data(mut self, age: Option<Duration>) -> Self {
        self.packages.data_age = age;
        self
    }

    /// Nothing installs updates on it; it waits for a newer image.
    #[must_use]
    pub fn never_patched(mut self) -> Self {
        self.updates = Updates::Off;
        self
    }

    #[must_use]
    pub fn label(mut self, key: &str, value: &str) -> Self {
        self.labels.push((key.into(), value.into()));
        self
    }

    #[must_use]
    pub fn taint(mut self, key: &str, value: &str, effect: &str) -> Self {
        self.taints.push(NodeTaint {
            key: key.into(),
            value: value.into(),
            effect: effect.into(),
        });
        self
    }

    /// It has this for pods, in place of what a `Standard_D4ds_v5` has.
    #[must_use]
    pub fn offering(mut self, milli_cpu: u32, memory_mib: u32, pods: u32) -> Self {
        self.offers = Offers {
            milli_cpu,
            memory_mib,
            pods,
        };
        self
    }

    #[must_use]
    pub fn not_ready(mut self) -> Self {
        self.ready = false;
        self
    }

    #[must_use]
    pub fn cordoned(mut self) -> Self {
        self.cordoned = true;
        self
    }

    #[must_use]
    pub fn boots_in(mut self, boot: Duration) -> Self {
        self.reboot.boot = boot;
        self
    }

    #[must_use]
    pub fn ending(mut self, ending: Ending) -> Self {
        self.reboot.ending = ending;
        self
    }
}
