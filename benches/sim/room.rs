//! Which pods of some nodes find no room when their node goes, by a real cluster: no figure, but what `lab placement`
//! compares with the real scheduler.

use std::error::Error;

use aksreboot::bench::without_room;
use kube::config::{KubeConfigOptions, Kubeconfig};

pub(crate) fn judge(kubeconfig: &str, nodes: &[&str]) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let found = runtime.block_on(async {
        let kubeconfig = Kubeconfig::read_from(kubeconfig)?;
        let config =
            kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        let client = kube::Client::try_from(config)?;
        without_room(&client, nodes)
            .await
            .map_err(Box::<dyn Error>::from)
    })?;
    println!("{}", serde_json::to_string(&found)?);
    Ok(())
}
