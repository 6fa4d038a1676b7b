# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_aksreboot_global_optspecs
    string join \n h/help V/version
end

function __fish_aksreboot_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_aksreboot_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_aksreboot_using_subcommand
    set -l cmd (__fish_aksreboot_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c aksreboot -n "__fish_aksreboot_needs_command" -s h -l help -d 'Print help'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "status" -d 'Show which nodes wait for a reboot, and why'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "check-updates" -d 'Check whether nodes are behind: pending packages, security updates, reboots'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "plan" -d 'Show what a roll would do, and do nothing of it'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "roll" -d 'Reboot the nodes that wait for it, one at a time'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "resume" -d 'Go on with a roll that was cut off, stopped or interrupted'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "history" -d 'List the rolls and drains that the cluster has records of, the newest first'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "report" -d 'Tell one roll or drain: which nodes, how each ended, and how long each step took'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "lock" -d 'Hold all reboots in the cluster'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "unlock" -d 'Take the hold on the cluster away'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "drain" -d 'Cordon nodes and evict their pods, as kubectl drain does'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "cordon" -d 'Mark nodes as unschedulable, as kubectl cordon does'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "uncordon" -d 'Mark nodes as schedulable, as kubectl uncordon does'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "doctor" -d 'Find out what will not work, and which command mends it'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "cleanup" -d 'Remove what killed commands left in the cluster'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "demo" -d 'Try a command on an embedded simulated cluster; nothing else is needed'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "man" -d 'Print the manual page, or write all of them'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "manifests" -d 'Print what an administrator applies before others use this tool'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "schema" -d 'Print the JSON schema of a document that this program writes'
complete -c aksreboot -n "__fish_aksreboot_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -s l -l selector -d 'Nodes by label selector, such as agentpool=blue or \'tier in (a,b),!spot\'' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l field-selector -d 'Nodes by field selector, such as spec.unschedulable=true or metadata.name!=n1' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l pool -d 'Nodes of this pool; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -s o -l output -d 'Format of the data on stdout: table, wide, json, yaml, name, custom-columns=HEADER:PATH,… or jsonpath=TEMPLATE' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
name\t''
custom-columns=\t''
jsonpath=\t''"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l color -d 'Colour in tables, beside the words' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; CLICOLOR_FORCE=1 elsewhere too'
always\t''
never\t''"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l sort-by -d 'Order of the rows: a column such as since, kernel or pool, or a path such as .uid; default as the API lists them' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -s L -l label-columns -d 'Show these labels as columns; several with commas, or repeat it' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l probe-every -d 'How old a node\'s evidence may become before the node is read again, such as 90s or 10m; at least 30s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l via -d 'How nodes are read' -r -f -a "auto\t'By a pod where the namespace exists and pods may be created; by SSH where that does not do and an --ssh flag was given; else by the API'
pod\t'By a pod without privilege in the namespace aksreboot'
debug\t'By the pod that kubectl debug node/NAME makes, for clusters that let just that through'
ssh\t'By a login with the ssh of this machine'
api\t'By the Kubernetes API alone, which cannot tell yes from no'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l profile -d 'With --via debug: profile of the pod, as of kubectl debug' -r -f -a "general\t'Host namespaces and the host\'s files; kubectl\'s older word for nodes is legacy'
sysadmin\t'General, and privileged'
netadmin\t'Host namespaces and network capabilities, none of the host\'s files'
baseline\t'Nothing of the host'
restricted\t'Nothing of the host, and no user root'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -s n -l namespace -d 'With --via debug: namespace of the pod; by default the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l image -d 'Image of the probe pod; any with a POSIX shell and the usual small tools' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l image-pull-policy -d 'Whether nodes pull the probe\'s image anew' -r -f -a "always\t'Each time'
if-not-present\t'When it is not there'
never\t'Never'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l image-pull-secret -d 'Secret in the namespace aksreboot for the registry of the probe\'s image; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l probe-cpu -d 'CPU that the probe pod asks for and is limited to [default: 100m]' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l probe-memory -d 'Memory that the probe pod asks for and is limited to [default: 100Mi]' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l probe-toleration -d 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l probe-timeout -d 'How long one node\'s probe may take, the pull of its image included' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l probe-concurrency -d 'How many nodes are probed at once' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l sentinel-file -d 'A file on the node that tells instead of the system\'s flag: there, a reboot is pending; absent, none (kured\'s --reboot-sentinel)' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l sentinel-command -d 'A command that tells instead of the system\'s flag, in a root shell on the node: 0 a reboot is pending, 1 none, else unknown (kured\'s --reboot-sentinel-command); run over SSH, never by a pod' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l ssh-user -d 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l ssh-address -d 'What of a node is connected to [default: internal-ip]' -r -f -a "internal-ip\t'The node\'s address of type InternalIP'
external-ip\t'Of type ExternalIP'
hostname\t'Of type Hostname'
name\t'The node\'s name'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l ssh-config -d 'Configuration file of ssh, instead of the user\'s and the machine\'s' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l ssh-sudo -d 'Whether the script is run by `sudo -n` where the user is not root [default: auto]' -r -f -a "auto\t'Where it asks for no password; else the script says what it could not read'
never\t'Not at all'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l pending -d 'Show only nodes whose reboot is pending; the summary counts the others, unknown ones too'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l no-headers -d 'Print tables without their header line'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l show-labels -d 'Show all labels in a last column'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -s w -l watch -d 'Go on showing changes, until Ctrl-C'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand status" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -s l -l selector -d 'Nodes by label selector, such as agentpool=blue or \'tier in (a,b),!spot\'' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l field-selector -d 'Nodes by field selector, such as spec.unschedulable=true or metadata.name!=n1' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l pool -d 'Nodes of this pool; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l fail-on -d 'What counts as behind; several with commas, or repeat it' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l ignore-file -d 'Nodes and packages to pass over, each with a reason and a last day: a YAML file (docs/check-updates.md)' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l max-data-age -d 'Older package data says nothing: what is pending is then unknown; any: however old' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -s o -l output -d 'Format of the data on stdout: table, wide, json, yaml, markdown, junit, csv, dotenv, name, custom-columns=HEADER:PATH,… or jsonpath=TEMPLATE' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
markdown\t''
junit\t''
csv\t''
dotenv\t''
name\t''
custom-columns=\t''
jsonpath=\t''"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l report -d 'Write a report into a file too: json, yaml, markdown, junit, csv or dotenv; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l color -d 'Colour in tables, beside the words' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set; CLICOLOR_FORCE=1 elsewhere too'
always\t''
never\t''"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l ci -d 'The CI system to speak to by an annotation, a job summary and outputs' -r -f -a "auto\t'By GITHUB_ACTIONS, TF_BUILD and GITLAB_CI'
github\t'GitHub Actions'
azure\t'Azure Pipelines'
gitlab\t'GitLab CI/CD'
none\t''"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l azure-cluster -d 'The cluster in Azure, as RESOURCE_GROUP/NAME or as its resource ID, instead of the one whose API server has the name of this cluster\'s. Implies --azure' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l via -d 'How nodes are read' -r -f -a "auto\t'By a pod where the namespace exists and pods may be created; by SSH where that does not do and an --ssh flag was given; else by the API'
pod\t'By a pod without privilege in the namespace aksreboot'
debug\t'By the pod that kubectl debug node/NAME makes, for clusters that let just that through'
ssh\t'By a login with the ssh of this machine'
api\t'By the Kubernetes API alone, which cannot tell yes from no'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l profile -d 'With --via debug: profile of the pod, as of kubectl debug' -r -f -a "general\t'Host namespaces and the host\'s files; kubectl\'s older word for nodes is legacy'
sysadmin\t'General, and privileged'
netadmin\t'Host namespaces and network capabilities, none of the host\'s files'
baseline\t'Nothing of the host'
restricted\t'Nothing of the host, and no user root'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -s n -l namespace -d 'With --via debug: namespace of the pod; by default the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l image -d 'Image of the probe pod; any with a POSIX shell and the usual small tools' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l image-pull-policy -d 'Whether nodes pull the probe\'s image anew' -r -f -a "always\t'Each time'
if-not-present\t'When it is not there'
never\t'Never'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l image-pull-secret -d 'Secret in the namespace aksreboot for the registry of the probe\'s image; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l probe-cpu -d 'CPU that the probe pod asks for and is limited to [default: 100m]' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l probe-memory -d 'Memory that the probe pod asks for and is limited to [default: 100Mi]' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l probe-toleration -d 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l probe-timeout -d 'How long one node\'s probe may take, the pull of its image included' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l probe-concurrency -d 'How many nodes are probed at once' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l sentinel-file -d 'A file on the node that tells instead of the system\'s flag: there, a reboot is pending; absent, none (kured\'s --reboot-sentinel)' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l sentinel-command -d 'A command that tells instead of the system\'s flag, in a root shell on the node: 0 a reboot is pending, 1 none, else unknown (kured\'s --reboot-sentinel-command); run over SSH, never by a pod' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l ssh-user -d 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l ssh-address -d 'What of a node is connected to [default: internal-ip]' -r -f -a "internal-ip\t'The node\'s address of type InternalIP'
external-ip\t'Of type ExternalIP'
hostname\t'Of type Hostname'
name\t'The node\'s name'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l ssh-config -d 'Configuration file of ssh, instead of the user\'s and the machine\'s' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l ssh-sudo -d 'Whether the script is run by `sudo -n` where the user is not root [default: auto]' -r -f -a "auto\t'Where it asks for no password; else the script says what it could not read'
never\t'Not at all'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l refresh -d 'Fetch package data for the question, beside the node\'s own, which stays as it is'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l tolerate-unknown -d 'Do not fail because of nodes that could not be decided; they are still told'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l packages -d 'List each package, in tables, markdown and csv; json, yaml and junit always do'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l no-headers -d 'Print tables without their header line'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l azure -d 'Ask Azure about the cluster\'s node images, upgrade channels and running operations, by the az on the PATH and its login'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand check-updates" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -s l -l selector -d 'Only nodes that this label selector picks' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l pool -d 'Only nodes of this pool; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l pending-for -d 'Only nodes whose reboot has been pending for at least this long, such as 2d' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l max-unavailable -d 'How many nodes may be unavailable at once, counting those that are already: a number, or a percentage of the cluster\'s nodes, which is rounded down to one at least' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l max-unavailable-per-pool -d 'The same for the nodes of each pool' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l max-unavailable-per-zone -d 'The same for the nodes of each zone' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l not-counted -d 'A node that does not count as unavailable; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l window -d 'Begin a node only within this window, such as `sat,sun 22:00-04:00 Europe/Berlin`, and wait outside of it; repeat it for several. A node that has begun is brought to its end' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l pause-between -d 'Let this time pass between the end of a wave and the beginning of the next' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l deadline -d 'Begin no node when the run is older than this; what is left over ends it with exit code 124' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l assume-reboot -d 'How long a node takes from the ask for its reboot until it is Ready again, in the rehearsal' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l grace-period -d 'Seconds that each pod gets to end; -1 is its own' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l drain-timeout -d 'Give up on a node whose pods have not left after this' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l reboot-timeout -d 'Give up on a node without a new boot ID this long after the ask' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l ready-timeout -d 'Give up on a node that is not Ready this long after its new boot' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l sustained-ready -d 'How long Ready must hold before a node counts as back' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l settle-timeout -d 'Give up when workloads are not back this long after a node is' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l via -d 'How nodes are read and asked to reboot: by short-lived pods, or by a login with the ssh of this machine, which needs no right to make pods [default: pod]' -r -f -a "pod\t''
ssh\t''"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l ssh-user -d 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l ssh-address -d 'What of a node is connected to [default: internal-ip]' -r -f -a "internal-ip\t'The node\'s address of type InternalIP'
external-ip\t'Of type ExternalIP'
hostname\t'Of type Hostname'
name\t'The node\'s name'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l ssh-config -d 'Configuration file of ssh, instead of the user\'s and the machine\'s' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l ssh-sudo -d 'Whether the script is run by `sudo -n` where the user is not root [default: auto]' -r -f -a "auto\t'Where it asks for no password; else the script says what it could not read'
never\t'Not at all'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l image -d 'Image of the probe pod; any with a POSIX shell and the usual small tools' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l image-pull-policy -d 'Whether nodes pull the probe\'s image anew' -r -f -a "always\t'Each time'
if-not-present\t'When it is not there'
never\t'Never'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l image-pull-secret -d 'Secret in the namespace aksreboot for the registry of the probe\'s image; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l probe-cpu -d 'CPU that the probe pod asks for and is limited to [default: 100m]' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l probe-memory -d 'Memory that the probe pod asks for and is limited to [default: 100Mi]' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l probe-toleration -d 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l probe-timeout -d 'How long one node\'s probe may take, the pull of its image included' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l probe-concurrency -d 'How many nodes are probed at once' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l sentinel-file -d 'A file on the node that tells instead of the system\'s flag: there, a reboot is pending; absent, none (kured\'s --reboot-sentinel)' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l out -d 'Write the plan to this file too, as JSON and for its owner\'s eyes only: roll --plan FILE carries out just that' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -s o -l output -d 'Format of the plan on stdout' -r -f -a "text\t'For people'
json\t'One JSON document, also on failure'
name\t'The nodes to reboot, in their order: node/NAME, a line each'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l reboot-all -d 'Reboot nodes too of which it is known that no reboot is pending'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l ignore-kured-lock -d 'Roll although kured has its lock or its lock cannot be taken: it may reboot nodes at the same time'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l no-canary -d 'Do not begin with a single node where several may be unavailable'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l rehearse -d 'Carry the plan out on a simulated copy of the cluster first, and show when each node goes, what it waits for and how few pods of each workload are Ready at worst; nothing of it touches the cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l delete-emptydir-data -d 'Evict pods that keep data in emptyDir volumes; the data is lost'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l force -d 'Evict pods that no controller would make again; they are lost'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l evict-by-priority -d 'Evict pods of lower priority first, and none of a higher one before those are gone'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand plan" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -s l -l selector -d 'Only nodes that this label selector picks' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l pool -d 'Only nodes of this pool; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l pending-for -d 'Only nodes whose reboot has been pending for at least this long, such as 2d' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l max-unavailable -d 'How many nodes may be unavailable at once, counting those that are already: a number, or a percentage of the cluster\'s nodes, which is rounded down to one at least' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l max-unavailable-per-pool -d 'The same for the nodes of each pool' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l max-unavailable-per-zone -d 'The same for the nodes of each zone' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l not-counted -d 'A node that does not count as unavailable; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l window -d 'Begin a node only within this window, such as `sat,sun 22:00-04:00 Europe/Berlin`, and wait outside of it; repeat it for several. A node that has begun is brought to its end' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l pause-between -d 'Let this time pass between the end of a wave and the beginning of the next' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l deadline -d 'Begin no node when the run is older than this; what is left over ends it with exit code 124' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l assume-reboot -d 'How long a node takes from the ask for its reboot until it is Ready again, in the rehearsal' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l grace-period -d 'Seconds that each pod gets to end; -1 is its own' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l drain-timeout -d 'Give up on a node whose pods have not left after this' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l reboot-timeout -d 'Give up on a node without a new boot ID this long after the ask' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l ready-timeout -d 'Give up on a node that is not Ready this long after its new boot' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l sustained-ready -d 'How long Ready must hold before a node counts as back' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l settle-timeout -d 'Give up when workloads are not back this long after a node is' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l via -d 'How nodes are read and asked to reboot: by short-lived pods, or by a login with the ssh of this machine, which needs no right to make pods [default: pod]' -r -f -a "pod\t''
ssh\t''"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l ssh-user -d 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l ssh-address -d 'What of a node is connected to [default: internal-ip]' -r -f -a "internal-ip\t'The node\'s address of type InternalIP'
external-ip\t'Of type ExternalIP'
hostname\t'Of type Hostname'
name\t'The node\'s name'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l ssh-config -d 'Configuration file of ssh, instead of the user\'s and the machine\'s' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l ssh-sudo -d 'Whether the script is run by `sudo -n` where the user is not root [default: auto]' -r -f -a "auto\t'Where it asks for no password; else the script says what it could not read'
never\t'Not at all'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l image -d 'Image of the probe pod; any with a POSIX shell and the usual small tools' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l image-pull-policy -d 'Whether nodes pull the probe\'s image anew' -r -f -a "always\t'Each time'
if-not-present\t'When it is not there'
never\t'Never'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l image-pull-secret -d 'Secret in the namespace aksreboot for the registry of the probe\'s image; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l probe-cpu -d 'CPU that the probe pod asks for and is limited to [default: 100m]' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l probe-memory -d 'Memory that the probe pod asks for and is limited to [default: 100Mi]' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l probe-toleration -d 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l probe-timeout -d 'How long one node\'s probe may take, the pull of its image included' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l probe-concurrency -d 'How many nodes are probed at once' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l sentinel-file -d 'A file on the node that tells instead of the system\'s flag: there, a reboot is pending; absent, none (kured\'s --reboot-sentinel)' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l plan -d 'Carry out the plan in this file (from plan --out), and nothing else: refused when the cluster is not as it was planned, naming what differs' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l reboot-all -d 'Reboot nodes too of which it is known that no reboot is pending'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l ignore-kured-lock -d 'Roll although kured has its lock or its lock cannot be taken: it may reboot nodes at the same time'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l no-canary -d 'Do not begin with a single node where several may be unavailable'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l rehearse -d 'Carry the plan out on a simulated copy of the cluster first, and show when each node goes, what it waits for and how few pods of each workload are Ready at worst; nothing of it touches the cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l delete-emptydir-data -d 'Evict pods that keep data in emptyDir volumes; the data is lost'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l force -d 'Evict pods that no controller would make again; they are lost'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l evict-by-priority -d 'Evict pods of lower priority first, and none of a higher one before those are gone'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -s y -l yes -d 'Carry the plan out without asking'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand roll" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l ssh-user -d 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l ssh-address -d 'What of a node is connected to [default: internal-ip]' -r -f -a "internal-ip\t'The node\'s address of type InternalIP'
external-ip\t'Of type ExternalIP'
hostname\t'Of type Hostname'
name\t'The node\'s name'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l ssh-config -d 'Configuration file of ssh, instead of the user\'s and the machine\'s' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l ssh-sudo -d 'Whether the script is run by `sudo -n` where the user is not root [default: auto]' -r -f -a "auto\t'Where it asks for no password; else the script says what it could not read'
never\t'Not at all'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -s y -l yes -d 'Go on without asking'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand resume" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -s o -l output -d 'Format of the data on stdout' -r -f -a "table\t'A line for each run'
json\t'One JSON document, also on failure'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand history" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -l journal -d 'The run\'s journal, when it is not in this machine\'s state directory' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -s o -l output -d 'Format of the data on stdout' -r -f -a "text\t'For a person'
json\t'One JSON document, also on failure'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand report" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -l reason -d 'Why; whoever is refused reads it' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -l until -d 'Until when: a time with its zone, or how long from now; without it, until somebody unlocks' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand lock" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -s y -l yes -d 'Take it away without asking'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand unlock" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -s l -l selector -d 'Nodes that this label selector picks' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l dry-run -d 'Show what would be done: by what the pods say (client), or by asking the API server once for each (server)' -r -f -a "none\t'The real thing'
client\t'Only reads'
server\t'Dry runs on the API server'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l grace-period -d 'Seconds that each pod gets to end; -1 is its own' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l ignore-daemonsets -d 'Leave the pods of DaemonSets on the node; with =false they refuse the drain' -r -f -a "true\t''
false\t''"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l pod-selector -d 'Only pods that this label selector picks; the others stay' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l skip-wait-for-delete-timeout -d 'Do not wait for pods whose deletion has been due for more than this many seconds; they may still run; 0 waits for all' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l timeout -d 'Give up on a node whose pods have not left after this; 0 is never' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -s y -l yes -d 'Answer the question whether to make the namespace for the lock with yes'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l delete-emptydir-data -d 'Evict pods that keep data in emptyDir volumes; the data is lost'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l force -d 'Evict pods that no controller would make again; they are lost'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l evict-by-priority -d 'Evict pods of lower priority first, and none of a higher one before those are gone'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l disable-eviction -d 'Delete pods where they would be evicted; this goes past every disruption budget'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand drain" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -s l -l selector -d 'Nodes that this label selector picks' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -l dry-run -d 'Show what would be done: by what the nodes say (client), or by asking the API server once for each (server)' -r -f -a "none\t'The real thing'
client\t'Only reads'
server\t'Dry runs on the API server'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -l reason -d 'Why; kept on the node with who and when, and a roll leaves the node alone as long as it is there' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cordon" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -s l -l selector -d 'Nodes that this label selector picks' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -l dry-run -d 'Show what would be done: by what the nodes say (client), or by asking the API server once for each (server)' -r -f -a "none\t'The real thing'
client\t'Only reads'
server\t'Dry runs on the API server'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand uncordon" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l for -d 'Look only at what these commands need; several with commas' -r -f -a "read\t'status --via api, which tells no yes from no'
status\t'status with probe pods'
check-updates\t'check-updates'
cordon\t'cordon and uncordon'
drain\t'drain'
roll\t'roll'
cleanup\t'cleanup'
hold\t'lock and unlock'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l image -d 'Image of the pods, as it will be given to status, check-updates and roll' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l via -d 'By which way status and check-updates are to read the nodes' -r -f -a "auto\t'By probe pods, and by SSH where one of its flags is given'
ssh\t'By SSH alone'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l ssh-user -d 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l ssh-address -d 'What of a node is connected to [default: internal-ip]' -r -f -a "internal-ip\t'The node\'s address of type InternalIP'
external-ip\t'Of type ExternalIP'
hostname\t'Of type Hostname'
name\t'The node\'s name'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l ssh-config -d 'Configuration file of ssh, instead of the user\'s and the machine\'s' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l ssh-sudo -d 'Whether the script is run by `sudo -n` where the user is not root [default: auto]' -r -f -a "auto\t'Where it asks for no password; else the script says what it could not read'
never\t'Not at all'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l ssh-node -d 'Log in to these nodes, instead of up to 48 from all pools; several with commas' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -s o -l output -d 'Format of the data on stdout' -r -f -a "table\t'A line for each check'
json\t'One JSON document, also on failure'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -l records -d 'Which run records go' -r -f -a "old\t'All but the newest 20'
all\t'All that no node speaks of'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -s o -l output -d 'Format of the data on stdout' -r -f -a "table\t'A line for each thing'
json\t'One JSON document at the end, also on failure'"
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -l kubeconfig -d 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config' -r -F
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -l context -d 'Kubeconfig context to use, instead of the current one' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -l cluster -d 'Kubeconfig cluster to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -l user -d 'Kubeconfig user to use, instead of the context\'s' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -l as -d 'User to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -l as-group -d 'Group to impersonate; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -l as-uid -d 'UID to impersonate' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -l request-timeout -d 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -s y -l yes -d 'Remove without asking'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -l dry-run -d 'Show what would be removed, and remove nothing'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -l in-cluster -d 'Use the service account of the pod that this runs in, and no kubeconfig'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand cleanup" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -l speed -d 'How many times faster than the wall\'s clock the simulated time runs' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -l ask -d 'Ask the command\'s questions, instead of answering them with yes'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -f -a "status" -d '`aksreboot status` on the demo\'s cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -f -a "check-updates" -d '`aksreboot check-updates` on the demo\'s cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -f -a "plan" -d '`aksreboot plan` on the demo\'s cluster; without arguments, a plan for what can be reached'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -f -a "roll" -d '`aksreboot roll` on the demo\'s cluster; without arguments, a roll of what can be reached'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -f -a "resume" -d '`aksreboot resume` on the demo\'s cluster, where a colleague\'s roll was cut off'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -f -a "history" -d '`aksreboot history` on the same cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -f -a "report" -d '`aksreboot report` on the same cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -f -a "drain" -d '`aksreboot drain` on the demo\'s cluster; without arguments, of a node whose budget is shut for a while'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -f -a "doctor" -d '`aksreboot doctor` on the demo\'s cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -f -a "cleanup" -d '`aksreboot cleanup` on the demo\'s cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and not __fish_seen_subcommand_from status check-updates plan roll resume history report drain doctor cleanup help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from check-updates" -s h -l help -d 'Print help'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from check-updates" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from plan" -s h -l help -d 'Print help'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from plan" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from roll" -s h -l help -d 'Print help'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from roll" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from resume" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from history" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from report" -s h -l help -d 'Print help'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from report" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from drain" -s h -l help -d 'Print help'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from drain" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from doctor" -s h -l help -d 'Print help'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from doctor" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from cleanup" -s h -l help -d 'Print help'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from cleanup" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "status" -d '`aksreboot status` on the demo\'s cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "check-updates" -d '`aksreboot check-updates` on the demo\'s cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "plan" -d '`aksreboot plan` on the demo\'s cluster; without arguments, a plan for what can be reached'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "roll" -d '`aksreboot roll` on the demo\'s cluster; without arguments, a roll of what can be reached'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "resume" -d '`aksreboot resume` on the demo\'s cluster, where a colleague\'s roll was cut off'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "history" -d '`aksreboot history` on the same cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "report" -d '`aksreboot report` on the same cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "drain" -d '`aksreboot drain` on the demo\'s cluster; without arguments, of a node whose budget is shut for a while'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "doctor" -d '`aksreboot doctor` on the demo\'s cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "cleanup" -d '`aksreboot cleanup` on the demo\'s cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand completions" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand man" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -l read-group -d 'Group that may list nodes, for `status --via api`; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -l probe-group -d 'Group that may run status with probe pods; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -l check-group -d 'Group that may run check-updates; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -l cordon-group -d 'Group that may run cordon and uncordon; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -l drain-group -d 'Group that may run drain; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -l roll-group -d 'Group that may run roll as well; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -l roll-ssh-group -d 'Group that may run roll --via ssh; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -l cleanup-group -d 'Group that may run cleanup; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -l hold-group -d 'Group that may run lock and unlock; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -l image -d 'Image that the policy admits, as given to status and roll; repeat it for several' -r
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand manifests" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand schema" -s V -l version -d 'Print version'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "status" -d 'Show which nodes wait for a reboot, and why'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "check-updates" -d 'Check whether nodes are behind: pending packages, security updates, reboots'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "plan" -d 'Show what a roll would do, and do nothing of it'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "roll" -d 'Reboot the nodes that wait for it, one at a time'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "resume" -d 'Go on with a roll that was cut off, stopped or interrupted'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "history" -d 'List the rolls and drains that the cluster has records of, the newest first'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "report" -d 'Tell one roll or drain: which nodes, how each ended, and how long each step took'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "lock" -d 'Hold all reboots in the cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "unlock" -d 'Take the hold on the cluster away'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "drain" -d 'Cordon nodes and evict their pods, as kubectl drain does'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "cordon" -d 'Mark nodes as unschedulable, as kubectl cordon does'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "uncordon" -d 'Mark nodes as schedulable, as kubectl uncordon does'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "doctor" -d 'Find out what will not work, and which command mends it'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "cleanup" -d 'Remove what killed commands left in the cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "demo" -d 'Try a command on an embedded simulated cluster; nothing else is needed'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "man" -d 'Print the manual page, or write all of them'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "manifests" -d 'Print what an administrator applies before others use this tool'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "schema" -d 'Print the JSON schema of a document that this program writes'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and not __fish_seen_subcommand_from status check-updates plan roll resume history report lock unlock drain cordon uncordon doctor cleanup demo completions man manifests schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and __fish_seen_subcommand_from demo" -f -a "status" -d '`aksreboot status` on the demo\'s cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and __fish_seen_subcommand_from demo" -f -a "check-updates" -d '`aksreboot check-updates` on the demo\'s cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and __fish_seen_subcommand_from demo" -f -a "plan" -d '`aksreboot plan` on the demo\'s cluster; without arguments, a plan for what can be reached'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and __fish_seen_subcommand_from demo" -f -a "roll" -d '`aksreboot roll` on the demo\'s cluster; without arguments, a roll of what can be reached'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and __fish_seen_subcommand_from demo" -f -a "resume" -d '`aksreboot resume` on the demo\'s cluster, where a colleague\'s roll was cut off'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and __fish_seen_subcommand_from demo" -f -a "history" -d '`aksreboot history` on the same cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and __fish_seen_subcommand_from demo" -f -a "report" -d '`aksreboot report` on the same cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and __fish_seen_subcommand_from demo" -f -a "drain" -d '`aksreboot drain` on the demo\'s cluster; without arguments, of a node whose budget is shut for a while'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and __fish_seen_subcommand_from demo" -f -a "doctor" -d '`aksreboot doctor` on the demo\'s cluster'
complete -c aksreboot -n "__fish_aksreboot_using_subcommand help; and __fish_seen_subcommand_from demo" -f -a "cleanup" -d '`aksreboot cleanup` on the demo\'s cluster'
