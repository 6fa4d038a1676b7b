
use builtin;
use str;

set edit:completion:arg-completer[aksreboot] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'aksreboot'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'aksreboot'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand status 'Show which nodes wait for a reboot, and why'
            cand check-updates 'Check whether nodes are behind: pending packages, security updates, reboots'
            cand plan 'Show what a roll would do, and do nothing of it'
            cand roll 'Reboot the nodes that wait for it, one at a time'
            cand resume 'Go on with a roll that was cut off, stopped or interrupted'
            cand history 'List the rolls and drains that the cluster has records of, the newest first'
            cand report 'Tell one roll or drain: which nodes, how each ended, and how long each step took'
            cand lock 'Hold all reboots in the cluster'
            cand unlock 'Take the hold on the cluster away'
            cand drain 'Cordon nodes and evict their pods, as kubectl drain does'
            cand cordon 'Mark nodes as unschedulable, as kubectl cordon does'
            cand uncordon 'Mark nodes as schedulable, as kubectl uncordon does'
            cand doctor 'Find out what will not work, and which command mends it'
            cand cleanup 'Remove what killed commands left in the cluster'
            cand demo 'Try a command on an embedded simulated cluster; nothing else is needed'
            cand completions 'Print the completion script of a shell'
            cand man 'Print the manual page, or write all of them'
            cand manifests 'Print what an administrator applies before others use this tool'
            cand schema 'Print the JSON schema of a document that this program writes'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aksreboot;status'= {
            cand -l 'Nodes by label selector, such as agentpool=blue or ''tier in (a,b),!spot'''
            cand --selector 'Nodes by label selector, such as agentpool=blue or ''tier in (a,b),!spot'''
            cand --field-selector 'Nodes by field selector, such as spec.unschedulable=true or metadata.name!=n1'
            cand --pool 'Nodes of this pool; repeat it for several'
            cand -o 'Format of the data on stdout: table, wide, json, yaml, name, custom-columns=HEADER:PATH,… or jsonpath=TEMPLATE'
            cand --output 'Format of the data on stdout: table, wide, json, yaml, name, custom-columns=HEADER:PATH,… or jsonpath=TEMPLATE'
            cand --color 'Colour in tables, beside the words'
            cand --sort-by 'Order of the rows: a column such as since, kernel or pool, or a path such as .uid; default as the API lists them'
            cand -L 'Show these labels as columns; several with commas, or repeat it'
            cand --label-columns 'Show these labels as columns; several with commas, or repeat it'
            cand --probe-every 'How old a node''s evidence may become before the node is read again, such as 90s or 10m; at least 30s'
            cand --via 'How nodes are read'
            cand --profile 'With --via debug: profile of the pod, as of kubectl debug'
            cand -n 'With --via debug: namespace of the pod; by default the context''s'
            cand --namespace 'With --via debug: namespace of the pod; by default the context''s'
            cand --image 'Image of the probe pod; any with a POSIX shell and the usual small tools'
            cand --image-pull-policy 'Whether nodes pull the probe''s image anew'
            cand --image-pull-secret 'Secret in the namespace aksreboot for the registry of the probe''s image; repeat it for several'
            cand --probe-cpu 'CPU that the probe pod asks for and is limited to [default: 100m]'
            cand --probe-memory 'Memory that the probe pod asks for and is limited to [default: 100Mi]'
            cand --probe-toleration 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint'
            cand --probe-timeout 'How long one node''s probe may take, the pull of its image included'
            cand --probe-concurrency 'How many nodes are probed at once'
            cand --sentinel-file 'A file on the node that tells instead of the system''s flag: there, a reboot is pending; absent, none (kured''s --reboot-sentinel)'
            cand --sentinel-command 'A command that tells instead of the system''s flag, in a root shell on the node: 0 a reboot is pending, 1 none, else unknown (kured''s --reboot-sentinel-command); run over SSH, never by a pod'
            cand --ssh-user 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH'
            cand --ssh-address 'What of a node is connected to [default: internal-ip]'
            cand --ssh-config 'Configuration file of ssh, instead of the user''s and the machine''s'
            cand --ssh-sudo 'Whether the script is run by `sudo -n` where the user is not root [default: auto]'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand --pending 'Show only nodes whose reboot is pending; the summary counts the others, unknown ones too'
            cand --no-headers 'Print tables without their header line'
            cand --show-labels 'Show all labels in a last column'
            cand -w 'Go on showing changes, until Ctrl-C'
            cand --watch 'Go on showing changes, until Ctrl-C'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;check-updates'= {
            cand -l 'Nodes by label selector, such as agentpool=blue or ''tier in (a,b),!spot'''
            cand --selector 'Nodes by label selector, such as agentpool=blue or ''tier in (a,b),!spot'''
            cand --field-selector 'Nodes by field selector, such as spec.unschedulable=true or metadata.name!=n1'
            cand --pool 'Nodes of this pool; repeat it for several'
            cand --fail-on 'What counts as behind; several with commas, or repeat it'
            cand --ignore-file 'Nodes and packages to pass over, each with a reason and a last day: a YAML file (docs/check-updates.md)'
            cand --max-data-age 'Older package data says nothing: what is pending is then unknown; any: however old'
            cand -o 'Format of the data on stdout: table, wide, json, yaml, markdown, junit, csv, dotenv, name, custom-columns=HEADER:PATH,… or jsonpath=TEMPLATE'
            cand --output 'Format of the data on stdout: table, wide, json, yaml, markdown, junit, csv, dotenv, name, custom-columns=HEADER:PATH,… or jsonpath=TEMPLATE'
            cand --report 'Write a report into a file too: json, yaml, markdown, junit, csv or dotenv; repeat it for several'
            cand --color 'Colour in tables, beside the words'
            cand --ci 'The CI system to speak to by an annotation, a job summary and outputs'
            cand --azure-cluster 'The cluster in Azure, as RESOURCE_GROUP/NAME or as its resource ID, instead of the one whose API server has the name of this cluster''s. Implies --azure'
            cand --via 'How nodes are read'
            cand --profile 'With --via debug: profile of the pod, as of kubectl debug'
            cand -n 'With --via debug: namespace of the pod; by default the context''s'
            cand --namespace 'With --via debug: namespace of the pod; by default the context''s'
            cand --image 'Image of the probe pod; any with a POSIX shell and the usual small tools'
            cand --image-pull-policy 'Whether nodes pull the probe''s image anew'
            cand --image-pull-secret 'Secret in the namespace aksreboot for the registry of the probe''s image; repeat it for several'
            cand --probe-cpu 'CPU that the probe pod asks for and is limited to [default: 100m]'
            cand --probe-memory 'Memory that the probe pod asks for and is limited to [default: 100Mi]'
            cand --probe-toleration 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint'
            cand --probe-timeout 'How long one node''s probe may take, the pull of its image included'
            cand --probe-concurrency 'How many nodes are probed at once'
            cand --sentinel-file 'A file on the node that tells instead of the system''s flag: there, a reboot is pending; absent, none (kured''s --reboot-sentinel)'
            cand --sentinel-command 'A command that tells instead of the system''s flag, in a root shell on the node: 0 a reboot is pending, 1 none, else unknown (kured''s --reboot-sentinel-command); run over SSH, never by a pod'
            cand --ssh-user 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH'
            cand --ssh-address 'What of a node is connected to [default: internal-ip]'
            cand --ssh-config 'Configuration file of ssh, instead of the user''s and the machine''s'
            cand --ssh-sudo 'Whether the script is run by `sudo -n` where the user is not root [default: auto]'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand --refresh 'Fetch package data for the question, beside the node''s own, which stays as it is'
            cand --tolerate-unknown 'Do not fail because of nodes that could not be decided; they are still told'
            cand --packages 'List each package, in tables, markdown and csv; json, yaml and junit always do'
            cand --no-headers 'Print tables without their header line'
            cand --azure 'Ask Azure about the cluster''s node images, upgrade channels and running operations, by the az on the PATH and its login'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;plan'= {
            cand -l 'Only nodes that this label selector picks'
            cand --selector 'Only nodes that this label selector picks'
            cand --pool 'Only nodes of this pool; repeat it for several'
            cand --pending-for 'Only nodes whose reboot has been pending for at least this long, such as 2d'
            cand --max-unavailable 'How many nodes may be unavailable at once, counting those that are already: a number, or a percentage of the cluster''s nodes, which is rounded down to one at least'
            cand --max-unavailable-per-pool 'The same for the nodes of each pool'
            cand --max-unavailable-per-zone 'The same for the nodes of each zone'
            cand --not-counted 'A node that does not count as unavailable; repeat it for several'
            cand --window 'Begin a node only within this window, such as `sat,sun 22:00-04:00 Europe/Berlin`, and wait outside of it; repeat it for several. A node that has begun is brought to its end'
            cand --pause-between 'Let this time pass between the end of a wave and the beginning of the next'
            cand --deadline 'Begin no node when the run is older than this; what is left over ends it with exit code 124'
            cand --assume-reboot 'How long a node takes from the ask for its reboot until it is Ready again, in the rehearsal'
            cand --grace-period 'Seconds that each pod gets to end; -1 is its own'
            cand --drain-timeout 'Give up on a node whose pods have not left after this'
            cand --reboot-timeout 'Give up on a node without a new boot ID this long after the ask'
            cand --ready-timeout 'Give up on a node that is not Ready this long after its new boot'
            cand --sustained-ready 'How long Ready must hold before a node counts as back'
            cand --settle-timeout 'Give up when workloads are not back this long after a node is'
            cand --via 'How nodes are read and asked to reboot: by short-lived pods, or by a login with the ssh of this machine, which needs no right to make pods [default: pod]'
            cand --ssh-user 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH'
            cand --ssh-address 'What of a node is connected to [default: internal-ip]'
            cand --ssh-config 'Configuration file of ssh, instead of the user''s and the machine''s'
            cand --ssh-sudo 'Whether the script is run by `sudo -n` where the user is not root [default: auto]'
            cand --image 'Image of the probe pod; any with a POSIX shell and the usual small tools'
            cand --image-pull-policy 'Whether nodes pull the probe''s image anew'
            cand --image-pull-secret 'Secret in the namespace aksreboot for the registry of the probe''s image; repeat it for several'
            cand --probe-cpu 'CPU that the probe pod asks for and is limited to [default: 100m]'
            cand --probe-memory 'Memory that the probe pod asks for and is limited to [default: 100Mi]'
            cand --probe-toleration 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint'
            cand --probe-timeout 'How long one node''s probe may take, the pull of its image included'
            cand --probe-concurrency 'How many nodes are probed at once'
            cand --sentinel-file 'A file on the node that tells instead of the system''s flag: there, a reboot is pending; absent, none (kured''s --reboot-sentinel)'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand --out 'Write the plan to this file too, as JSON and for its owner''s eyes only: roll --plan FILE carries out just that'
            cand -o 'Format of the plan on stdout'
            cand --output 'Format of the plan on stdout'
            cand --reboot-all 'Reboot nodes too of which it is known that no reboot is pending'
            cand --ignore-kured-lock 'Roll although kured has its lock or its lock cannot be taken: it may reboot nodes at the same time'
            cand --no-canary 'Do not begin with a single node where several may be unavailable'
            cand --rehearse 'Carry the plan out on a simulated copy of the cluster first, and show when each node goes, what it waits for and how few pods of each workload are Ready at worst; nothing of it touches the cluster'
            cand --delete-emptydir-data 'Evict pods that keep data in emptyDir volumes; the data is lost'
            cand --force 'Evict pods that no controller would make again; they are lost'
            cand --evict-by-priority 'Evict pods of lower priority first, and none of a higher one before those are gone'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;roll'= {
            cand -l 'Only nodes that this label selector picks'
            cand --selector 'Only nodes that this label selector picks'
            cand --pool 'Only nodes of this pool; repeat it for several'
            cand --pending-for 'Only nodes whose reboot has been pending for at least this long, such as 2d'
            cand --max-unavailable 'How many nodes may be unavailable at once, counting those that are already: a number, or a percentage of the cluster''s nodes, which is rounded down to one at least'
            cand --max-unavailable-per-pool 'The same for the nodes of each pool'
            cand --max-unavailable-per-zone 'The same for the nodes of each zone'
            cand --not-counted 'A node that does not count as unavailable; repeat it for several'
            cand --window 'Begin a node only within this window, such as `sat,sun 22:00-04:00 Europe/Berlin`, and wait outside of it; repeat it for several. A node that has begun is brought to its end'
            cand --pause-between 'Let this time pass between the end of a wave and the beginning of the next'
            cand --deadline 'Begin no node when the run is older than this; what is left over ends it with exit code 124'
            cand --assume-reboot 'How long a node takes from the ask for its reboot until it is Ready again, in the rehearsal'
            cand --grace-period 'Seconds that each pod gets to end; -1 is its own'
            cand --drain-timeout 'Give up on a node whose pods have not left after this'
            cand --reboot-timeout 'Give up on a node without a new boot ID this long after the ask'
            cand --ready-timeout 'Give up on a node that is not Ready this long after its new boot'
            cand --sustained-ready 'How long Ready must hold before a node counts as back'
            cand --settle-timeout 'Give up when workloads are not back this long after a node is'
            cand --via 'How nodes are read and asked to reboot: by short-lived pods, or by a login with the ssh of this machine, which needs no right to make pods [default: pod]'
            cand --ssh-user 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH'
            cand --ssh-address 'What of a node is connected to [default: internal-ip]'
            cand --ssh-config 'Configuration file of ssh, instead of the user''s and the machine''s'
            cand --ssh-sudo 'Whether the script is run by `sudo -n` where the user is not root [default: auto]'
            cand --image 'Image of the probe pod; any with a POSIX shell and the usual small tools'
            cand --image-pull-policy 'Whether nodes pull the probe''s image anew'
            cand --image-pull-secret 'Secret in the namespace aksreboot for the registry of the probe''s image; repeat it for several'
            cand --probe-cpu 'CPU that the probe pod asks for and is limited to [default: 100m]'
            cand --probe-memory 'Memory that the probe pod asks for and is limited to [default: 100Mi]'
            cand --probe-toleration 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint'
            cand --probe-timeout 'How long one node''s probe may take, the pull of its image included'
            cand --probe-concurrency 'How many nodes are probed at once'
            cand --sentinel-file 'A file on the node that tells instead of the system''s flag: there, a reboot is pending; absent, none (kured''s --reboot-sentinel)'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand --plan 'Carry out the plan in this file (from plan --out), and nothing else: refused when the cluster is not as it was planned, naming what differs'
            cand --reboot-all 'Reboot nodes too of which it is known that no reboot is pending'
            cand --ignore-kured-lock 'Roll although kured has its lock or its lock cannot be taken: it may reboot nodes at the same time'
            cand --no-canary 'Do not begin with a single node where several may be unavailable'
            cand --rehearse 'Carry the plan out on a simulated copy of the cluster first, and show when each node goes, what it waits for and how few pods of each workload are Ready at worst; nothing of it touches the cluster'
            cand --delete-emptydir-data 'Evict pods that keep data in emptyDir volumes; the data is lost'
            cand --force 'Evict pods that no controller would make again; they are lost'
            cand --evict-by-priority 'Evict pods of lower priority first, and none of a higher one before those are gone'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -y 'Carry the plan out without asking'
            cand --yes 'Carry the plan out without asking'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;resume'= {
            cand --ssh-user 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH'
            cand --ssh-address 'What of a node is connected to [default: internal-ip]'
            cand --ssh-config 'Configuration file of ssh, instead of the user''s and the machine''s'
            cand --ssh-sudo 'Whether the script is run by `sudo -n` where the user is not root [default: auto]'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand -y 'Go on without asking'
            cand --yes 'Go on without asking'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;history'= {
            cand -o 'Format of the data on stdout'
            cand --output 'Format of the data on stdout'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;report'= {
            cand --journal 'The run''s journal, when it is not in this machine''s state directory'
            cand -o 'Format of the data on stdout'
            cand --output 'Format of the data on stdout'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;lock'= {
            cand --reason 'Why; whoever is refused reads it'
            cand --until 'Until when: a time with its zone, or how long from now; without it, until somebody unlocks'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;unlock'= {
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand -y 'Take it away without asking'
            cand --yes 'Take it away without asking'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;drain'= {
            cand -l 'Nodes that this label selector picks'
            cand --selector 'Nodes that this label selector picks'
            cand --dry-run 'Show what would be done: by what the pods say (client), or by asking the API server once for each (server)'
            cand --grace-period 'Seconds that each pod gets to end; -1 is its own'
            cand --ignore-daemonsets 'Leave the pods of DaemonSets on the node; with =false they refuse the drain'
            cand --pod-selector 'Only pods that this label selector picks; the others stay'
            cand --skip-wait-for-delete-timeout 'Do not wait for pods whose deletion has been due for more than this many seconds; they may still run; 0 waits for all'
            cand --timeout 'Give up on a node whose pods have not left after this; 0 is never'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand -y 'Answer the question whether to make the namespace for the lock with yes'
            cand --yes 'Answer the question whether to make the namespace for the lock with yes'
            cand --delete-emptydir-data 'Evict pods that keep data in emptyDir volumes; the data is lost'
            cand --force 'Evict pods that no controller would make again; they are lost'
            cand --evict-by-priority 'Evict pods of lower priority first, and none of a higher one before those are gone'
            cand --disable-eviction 'Delete pods where they would be evicted; this goes past every disruption budget'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;cordon'= {
            cand -l 'Nodes that this label selector picks'
            cand --selector 'Nodes that this label selector picks'
            cand --dry-run 'Show what would be done: by what the nodes say (client), or by asking the API server once for each (server)'
            cand --reason 'Why; kept on the node with who and when, and a roll leaves the node alone as long as it is there'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;uncordon'= {
            cand -l 'Nodes that this label selector picks'
            cand --selector 'Nodes that this label selector picks'
            cand --dry-run 'Show what would be done: by what the nodes say (client), or by asking the API server once for each (server)'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;doctor'= {
            cand --for 'Look only at what these commands need; several with commas'
            cand --image 'Image of the pods, as it will be given to status, check-updates and roll'
            cand --via 'By which way status and check-updates are to read the nodes'
            cand --ssh-user 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH'
            cand --ssh-address 'What of a node is connected to [default: internal-ip]'
            cand --ssh-config 'Configuration file of ssh, instead of the user''s and the machine''s'
            cand --ssh-sudo 'Whether the script is run by `sudo -n` where the user is not root [default: auto]'
            cand --ssh-node 'Log in to these nodes, instead of up to 48 from all pools; several with commas'
            cand -o 'Format of the data on stdout'
            cand --output 'Format of the data on stdout'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;cleanup'= {
            cand --records 'Which run records go'
            cand -o 'Format of the data on stdout'
            cand --output 'Format of the data on stdout'
            cand --kubeconfig 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config'
            cand --context 'Kubeconfig context to use, instead of the current one'
            cand --cluster 'Kubeconfig cluster to use, instead of the context''s'
            cand --user 'Kubeconfig user to use, instead of the context''s'
            cand --as 'User to impersonate'
            cand --as-group 'Group to impersonate; repeat it for several'
            cand --as-uid 'UID to impersonate'
            cand --request-timeout 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever'
            cand -y 'Remove without asking'
            cand --yes 'Remove without asking'
            cand --dry-run 'Show what would be removed, and remove nothing'
            cand --in-cluster 'Use the service account of the pod that this runs in, and no kubeconfig'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;demo'= {
            cand --speed 'How many times faster than the wall''s clock the simulated time runs'
            cand --ask 'Ask the command''s questions, instead of answering them with yes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand status '`aksreboot status` on the demo''s cluster'
            cand check-updates '`aksreboot check-updates` on the demo''s cluster'
            cand plan '`aksreboot plan` on the demo''s cluster; without arguments, a plan for what can be reached'
            cand roll '`aksreboot roll` on the demo''s cluster; without arguments, a roll of what can be reached'
            cand resume '`aksreboot resume` on the demo''s cluster, where a colleague''s roll was cut off'
            cand history '`aksreboot history` on the same cluster'
            cand report '`aksreboot report` on the same cluster'
            cand drain '`aksreboot drain` on the demo''s cluster; without arguments, of a node whose budget is shut for a while'
            cand doctor '`aksreboot doctor` on the demo''s cluster'
            cand cleanup '`aksreboot cleanup` on the demo''s cluster'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aksreboot;demo;status'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;demo;check-updates'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;demo;plan'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;demo;roll'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;demo;resume'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;demo;history'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;demo;report'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;demo;drain'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;demo;doctor'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;demo;cleanup'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;demo;help'= {
            cand status '`aksreboot status` on the demo''s cluster'
            cand check-updates '`aksreboot check-updates` on the demo''s cluster'
            cand plan '`aksreboot plan` on the demo''s cluster; without arguments, a plan for what can be reached'
            cand roll '`aksreboot roll` on the demo''s cluster; without arguments, a roll of what can be reached'
            cand resume '`aksreboot resume` on the demo''s cluster, where a colleague''s roll was cut off'
            cand history '`aksreboot history` on the same cluster'
            cand report '`aksreboot report` on the same cluster'
            cand drain '`aksreboot drain` on the demo''s cluster; without arguments, of a node whose budget is shut for a while'
            cand doctor '`aksreboot doctor` on the demo''s cluster'
            cand cleanup '`aksreboot cleanup` on the demo''s cluster'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aksreboot;demo;help;status'= {
        }
        &'aksreboot;demo;help;check-updates'= {
        }
        &'aksreboot;demo;help;plan'= {
        }
        &'aksreboot;demo;help;roll'= {
        }
        &'aksreboot;demo;help;resume'= {
        }
        &'aksreboot;demo;help;history'= {
        }
        &'aksreboot;demo;help;report'= {
        }
        &'aksreboot;demo;help;drain'= {
        }
        &'aksreboot;demo;help;doctor'= {
        }
        &'aksreboot;demo;help;cleanup'= {
        }
        &'aksreboot;demo;help;help'= {
        }
        &'aksreboot;completions'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;man'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;manifests'= {
            cand --read-group 'Group that may list nodes, for `status --via api`; repeat it for several'
            cand --probe-group 'Group that may run status with probe pods; repeat it for several'
            cand --check-group 'Group that may run check-updates; repeat it for several'
            cand --cordon-group 'Group that may run cordon and uncordon; repeat it for several'
            cand --drain-group 'Group that may run drain; repeat it for several'
            cand --roll-group 'Group that may run roll as well; repeat it for several'
            cand --roll-ssh-group 'Group that may run roll --via ssh; repeat it for several'
            cand --cleanup-group 'Group that may run cleanup; repeat it for several'
            cand --hold-group 'Group that may run lock and unlock; repeat it for several'
            cand --image 'Image that the policy admits, as given to status and roll; repeat it for several'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;schema'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'aksreboot;help'= {
            cand status 'Show which nodes wait for a reboot, and why'
            cand check-updates 'Check whether nodes are behind: pending packages, security updates, reboots'
            cand plan 'Show what a roll would do, and do nothing of it'
            cand roll 'Reboot the nodes that wait for it, one at a time'
            cand resume 'Go on with a roll that was cut off, stopped or interrupted'
            cand history 'List the rolls and drains that the cluster has records of, the newest first'
            cand report 'Tell one roll or drain: which nodes, how each ended, and how long each step took'
            cand lock 'Hold all reboots in the cluster'
            cand unlock 'Take the hold on the cluster away'
            cand drain 'Cordon nodes and evict their pods, as kubectl drain does'
            cand cordon 'Mark nodes as unschedulable, as kubectl cordon does'
            cand uncordon 'Mark nodes as schedulable, as kubectl uncordon does'
            cand doctor 'Find out what will not work, and which command mends it'
            cand cleanup 'Remove what killed commands left in the cluster'
            cand demo 'Try a command on an embedded simulated cluster; nothing else is needed'
            cand completions 'Print the completion script of a shell'
            cand man 'Print the manual page, or write all of them'
            cand manifests 'Print what an administrator applies before others use this tool'
            cand schema 'Print the JSON schema of a document that this program writes'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'aksreboot;help;status'= {
        }
        &'aksreboot;help;check-updates'= {
        }
        &'aksreboot;help;plan'= {
        }
        &'aksreboot;help;roll'= {
        }
        &'aksreboot;help;resume'= {
        }
        &'aksreboot;help;history'= {
        }
        &'aksreboot;help;report'= {
        }
        &'aksreboot;help;lock'= {
        }
        &'aksreboot;help;unlock'= {
        }
        &'aksreboot;help;drain'= {
        }
        &'aksreboot;help;cordon'= {
        }
        &'aksreboot;help;uncordon'= {
        }
        &'aksreboot;help;doctor'= {
        }
        &'aksreboot;help;cleanup'= {
        }
        &'aksreboot;help;demo'= {
            cand status '`aksreboot status` on the demo''s cluster'
            cand check-updates '`aksreboot check-updates` on the demo''s cluster'
            cand plan '`aksreboot plan` on the demo''s cluster; without arguments, a plan for what can be reached'
            cand roll '`aksreboot roll` on the demo''s cluster; without arguments, a roll of what can be reached'
            cand resume '`aksreboot resume` on the demo''s cluster, where a colleague''s roll was cut off'
            cand history '`aksreboot history` on the same cluster'
            cand report '`aksreboot report` on the same cluster'
            cand drain '`aksreboot drain` on the demo''s cluster; without arguments, of a node whose budget is shut for a while'
            cand doctor '`aksreboot doctor` on the demo''s cluster'
            cand cleanup '`aksreboot cleanup` on the demo''s cluster'
        }
        &'aksreboot;help;demo;status'= {
        }
        &'aksreboot;help;demo;check-updates'= {
        }
        &'aksreboot;help;demo;plan'= {
        }
        &'aksreboot;help;demo;roll'= {
        }
        &'aksreboot;help;demo;resume'= {
        }
        &'aksreboot;help;demo;history'= {
        }
        &'aksreboot;help;demo;report'= {
        }
        &'aksreboot;help;demo;drain'= {
        }
        &'aksreboot;help;demo;doctor'= {
        }
        &'aksreboot;help;demo;cleanup'= {
        }
        &'aksreboot;help;completions'= {
        }
        &'aksreboot;help;man'= {
        }
        &'aksreboot;help;manifests'= {
        }
        &'aksreboot;help;schema'= {
        }
        &'aksreboot;help;help'= {
        }
    ]
    $completions[$command]
}
