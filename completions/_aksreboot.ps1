
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'aksreboot' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'aksreboot'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'aksreboot' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show which nodes wait for a reboot, and why')
            [CompletionResult]::new('check-updates', 'check-updates', [CompletionResultType]::ParameterValue, 'Check whether nodes are behind: pending packages, security updates, reboots')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what a roll would do, and do nothing of it')
            [CompletionResult]::new('roll', 'roll', [CompletionResultType]::ParameterValue, 'Reboot the nodes that wait for it, one at a time')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Go on with a roll that was cut off, stopped or interrupted')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'List the rolls and drains that the cluster has records of, the newest first')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Tell one roll or drain: which nodes, how each ended, and how long each step took')
            [CompletionResult]::new('lock', 'lock', [CompletionResultType]::ParameterValue, 'Hold all reboots in the cluster')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Take the hold on the cluster away')
            [CompletionResult]::new('drain', 'drain', [CompletionResultType]::ParameterValue, 'Cordon nodes and evict their pods, as kubectl drain does')
            [CompletionResult]::new('cordon', 'cordon', [CompletionResultType]::ParameterValue, 'Mark nodes as unschedulable, as kubectl cordon does')
            [CompletionResult]::new('uncordon', 'uncordon', [CompletionResultType]::ParameterValue, 'Mark nodes as schedulable, as kubectl uncordon does')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find out what will not work, and which command mends it')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, 'Remove what killed commands left in the cluster')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Try a command on an embedded simulated cluster; nothing else is needed')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, or write all of them')
            [CompletionResult]::new('manifests', 'manifests', [CompletionResultType]::ParameterValue, 'Print what an administrator applies before others use this tool')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON schema of a document that this program writes')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aksreboot;status' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Nodes by label selector, such as agentpool=blue or ''tier in (a,b),!spot''')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Nodes by label selector, such as agentpool=blue or ''tier in (a,b),!spot''')
            [CompletionResult]::new('--field-selector', '--field-selector', [CompletionResultType]::ParameterName, 'Nodes by field selector, such as spec.unschedulable=true or metadata.name!=n1')
            [CompletionResult]::new('--pool', '--pool', [CompletionResultType]::ParameterName, 'Nodes of this pool; repeat it for several')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the data on stdout: table, wide, json, yaml, name, custom-columns=HEADER:PATH,… or jsonpath=TEMPLATE')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the data on stdout: table, wide, json, yaml, name, custom-columns=HEADER:PATH,… or jsonpath=TEMPLATE')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour in tables, beside the words')
            [CompletionResult]::new('--sort-by', '--sort-by', [CompletionResultType]::ParameterName, 'Order of the rows: a column such as since, kernel or pool, or a path such as .uid; default as the API lists them')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Show these labels as columns; several with commas, or repeat it')
            [CompletionResult]::new('--label-columns', '--label-columns', [CompletionResultType]::ParameterName, 'Show these labels as columns; several with commas, or repeat it')
            [CompletionResult]::new('--probe-every', '--probe-every', [CompletionResultType]::ParameterName, 'How old a node''s evidence may become before the node is read again, such as 90s or 10m; at least 30s')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'How nodes are read')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'With --via debug: profile of the pod, as of kubectl debug')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With --via debug: namespace of the pod; by default the context''s')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'With --via debug: namespace of the pod; by default the context''s')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the probe pod; any with a POSIX shell and the usual small tools')
            [CompletionResult]::new('--image-pull-policy', '--image-pull-policy', [CompletionResultType]::ParameterName, 'Whether nodes pull the probe''s image anew')
            [CompletionResult]::new('--image-pull-secret', '--image-pull-secret', [CompletionResultType]::ParameterName, 'Secret in the namespace aksreboot for the registry of the probe''s image; repeat it for several')
            [CompletionResult]::new('--probe-cpu', '--probe-cpu', [CompletionResultType]::ParameterName, 'CPU that the probe pod asks for and is limited to [default: 100m]')
            [CompletionResult]::new('--probe-memory', '--probe-memory', [CompletionResultType]::ParameterName, 'Memory that the probe pod asks for and is limited to [default: 100Mi]')
            [CompletionResult]::new('--probe-toleration', '--probe-toleration', [CompletionResultType]::ParameterName, 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint')
            [CompletionResult]::new('--probe-timeout', '--probe-timeout', [CompletionResultType]::ParameterName, 'How long one node''s probe may take, the pull of its image included')
            [CompletionResult]::new('--probe-concurrency', '--probe-concurrency', [CompletionResultType]::ParameterName, 'How many nodes are probed at once')
            [CompletionResult]::new('--sentinel-file', '--sentinel-file', [CompletionResultType]::ParameterName, 'A file on the node that tells instead of the system''s flag: there, a reboot is pending; absent, none (kured''s --reboot-sentinel)')
            [CompletionResult]::new('--sentinel-command', '--sentinel-command', [CompletionResultType]::ParameterName, 'A command that tells instead of the system''s flag, in a root shell on the node: 0 a reboot is pending, 1 none, else unknown (kured''s --reboot-sentinel-command); run over SSH, never by a pod')
            [CompletionResult]::new('--ssh-user', '--ssh-user', [CompletionResultType]::ParameterName, 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH')
            [CompletionResult]::new('--ssh-address', '--ssh-address', [CompletionResultType]::ParameterName, 'What of a node is connected to [default: internal-ip]')
            [CompletionResult]::new('--ssh-config', '--ssh-config', [CompletionResultType]::ParameterName, 'Configuration file of ssh, instead of the user''s and the machine''s')
            [CompletionResult]::new('--ssh-sudo', '--ssh-sudo', [CompletionResultType]::ParameterName, 'Whether the script is run by `sudo -n` where the user is not root [default: auto]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('--pending', '--pending', [CompletionResultType]::ParameterName, 'Show only nodes whose reboot is pending; the summary counts the others, unknown ones too')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Print tables without their header line')
            [CompletionResult]::new('--show-labels', '--show-labels', [CompletionResultType]::ParameterName, 'Show all labels in a last column')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Go on showing changes, until Ctrl-C')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Go on showing changes, until Ctrl-C')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;check-updates' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Nodes by label selector, such as agentpool=blue or ''tier in (a,b),!spot''')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Nodes by label selector, such as agentpool=blue or ''tier in (a,b),!spot''')
            [CompletionResult]::new('--field-selector', '--field-selector', [CompletionResultType]::ParameterName, 'Nodes by field selector, such as spec.unschedulable=true or metadata.name!=n1')
            [CompletionResult]::new('--pool', '--pool', [CompletionResultType]::ParameterName, 'Nodes of this pool; repeat it for several')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'What counts as behind; several with commas, or repeat it')
            [CompletionResult]::new('--ignore-file', '--ignore-file', [CompletionResultType]::ParameterName, 'Nodes and packages to pass over, each with a reason and a last day: a YAML file (docs/check-updates.md)')
            [CompletionResult]::new('--max-data-age', '--max-data-age', [CompletionResultType]::ParameterName, 'Older package data says nothing: what is pending is then unknown; any: however old')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the data on stdout: table, wide, json, yaml, markdown, junit, csv, dotenv, name, custom-columns=HEADER:PATH,… or jsonpath=TEMPLATE')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the data on stdout: table, wide, json, yaml, markdown, junit, csv, dotenv, name, custom-columns=HEADER:PATH,… or jsonpath=TEMPLATE')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write a report into a file too: json, yaml, markdown, junit, csv or dotenv; repeat it for several')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour in tables, beside the words')
            [CompletionResult]::new('--ci', '--ci', [CompletionResultType]::ParameterName, 'The CI system to speak to by an annotation, a job summary and outputs')
            [CompletionResult]::new('--azure-cluster', '--azure-cluster', [CompletionResultType]::ParameterName, 'The cluster in Azure, as RESOURCE_GROUP/NAME or as its resource ID, instead of the one whose API server has the name of this cluster''s. Implies --azure')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'How nodes are read')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'With --via debug: profile of the pod, as of kubectl debug')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'With --via debug: namespace of the pod; by default the context''s')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'With --via debug: namespace of the pod; by default the context''s')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the probe pod; any with a POSIX shell and the usual small tools')
            [CompletionResult]::new('--image-pull-policy', '--image-pull-policy', [CompletionResultType]::ParameterName, 'Whether nodes pull the probe''s image anew')
            [CompletionResult]::new('--image-pull-secret', '--image-pull-secret', [CompletionResultType]::ParameterName, 'Secret in the namespace aksreboot for the registry of the probe''s image; repeat it for several')
            [CompletionResult]::new('--probe-cpu', '--probe-cpu', [CompletionResultType]::ParameterName, 'CPU that the probe pod asks for and is limited to [default: 100m]')
            [CompletionResult]::new('--probe-memory', '--probe-memory', [CompletionResultType]::ParameterName, 'Memory that the probe pod asks for and is limited to [default: 100Mi]')
            [CompletionResult]::new('--probe-toleration', '--probe-toleration', [CompletionResultType]::ParameterName, 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint')
            [CompletionResult]::new('--probe-timeout', '--probe-timeout', [CompletionResultType]::ParameterName, 'How long one node''s probe may take, the pull of its image included')
            [CompletionResult]::new('--probe-concurrency', '--probe-concurrency', [CompletionResultType]::ParameterName, 'How many nodes are probed at once')
            [CompletionResult]::new('--sentinel-file', '--sentinel-file', [CompletionResultType]::ParameterName, 'A file on the node that tells instead of the system''s flag: there, a reboot is pending; absent, none (kured''s --reboot-sentinel)')
            [CompletionResult]::new('--sentinel-command', '--sentinel-command', [CompletionResultType]::ParameterName, 'A command that tells instead of the system''s flag, in a root shell on the node: 0 a reboot is pending, 1 none, else unknown (kured''s --reboot-sentinel-command); run over SSH, never by a pod')
            [CompletionResult]::new('--ssh-user', '--ssh-user', [CompletionResultType]::ParameterName, 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH')
            [CompletionResult]::new('--ssh-address', '--ssh-address', [CompletionResultType]::ParameterName, 'What of a node is connected to [default: internal-ip]')
            [CompletionResult]::new('--ssh-config', '--ssh-config', [CompletionResultType]::ParameterName, 'Configuration file of ssh, instead of the user''s and the machine''s')
            [CompletionResult]::new('--ssh-sudo', '--ssh-sudo', [CompletionResultType]::ParameterName, 'Whether the script is run by `sudo -n` where the user is not root [default: auto]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Fetch package data for the question, beside the node''s own, which stays as it is')
            [CompletionResult]::new('--tolerate-unknown', '--tolerate-unknown', [CompletionResultType]::ParameterName, 'Do not fail because of nodes that could not be decided; they are still told')
            [CompletionResult]::new('--packages', '--packages', [CompletionResultType]::ParameterName, 'List each package, in tables, markdown and csv; json, yaml and junit always do')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Print tables without their header line')
            [CompletionResult]::new('--azure', '--azure', [CompletionResultType]::ParameterName, 'Ask Azure about the cluster''s node images, upgrade channels and running operations, by the az on the PATH and its login')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;plan' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Only nodes that this label selector picks')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Only nodes that this label selector picks')
            [CompletionResult]::new('--pool', '--pool', [CompletionResultType]::ParameterName, 'Only nodes of this pool; repeat it for several')
            [CompletionResult]::new('--pending-for', '--pending-for', [CompletionResultType]::ParameterName, 'Only nodes whose reboot has been pending for at least this long, such as 2d')
            [CompletionResult]::new('--max-unavailable', '--max-unavailable', [CompletionResultType]::ParameterName, 'How many nodes may be unavailable at once, counting those that are already: a number, or a percentage of the cluster''s nodes, which is rounded down to one at least')
            [CompletionResult]::new('--max-unavailable-per-pool', '--max-unavailable-per-pool', [CompletionResultType]::ParameterName, 'The same for the nodes of each pool')
            [CompletionResult]::new('--max-unavailable-per-zone', '--max-unavailable-per-zone', [CompletionResultType]::ParameterName, 'The same for the nodes of each zone')
            [CompletionResult]::new('--not-counted', '--not-counted', [CompletionResultType]::ParameterName, 'A node that does not count as unavailable; repeat it for several')
            [CompletionResult]::new('--window', '--window', [CompletionResultType]::ParameterName, 'Begin a node only within this window, such as `sat,sun 22:00-04:00 Europe/Berlin`, and wait outside of it; repeat it for several. A node that has begun is brought to its end')
            [CompletionResult]::new('--pause-between', '--pause-between', [CompletionResultType]::ParameterName, 'Let this time pass between the end of a wave and the beginning of the next')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Begin no node when the run is older than this; what is left over ends it with exit code 124')
            [CompletionResult]::new('--assume-reboot', '--assume-reboot', [CompletionResultType]::ParameterName, 'How long a node takes from the ask for its reboot until it is Ready again, in the rehearsal')
            [CompletionResult]::new('--grace-period', '--grace-period', [CompletionResultType]::ParameterName, 'Seconds that each pod gets to end; -1 is its own')
            [CompletionResult]::new('--drain-timeout', '--drain-timeout', [CompletionResultType]::ParameterName, 'Give up on a node whose pods have not left after this')
            [CompletionResult]::new('--reboot-timeout', '--reboot-timeout', [CompletionResultType]::ParameterName, 'Give up on a node without a new boot ID this long after the ask')
            [CompletionResult]::new('--ready-timeout', '--ready-timeout', [CompletionResultType]::ParameterName, 'Give up on a node that is not Ready this long after its new boot')
            [CompletionResult]::new('--sustained-ready', '--sustained-ready', [CompletionResultType]::ParameterName, 'How long Ready must hold before a node counts as back')
            [CompletionResult]::new('--settle-timeout', '--settle-timeout', [CompletionResultType]::ParameterName, 'Give up when workloads are not back this long after a node is')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'How nodes are read and asked to reboot: by short-lived pods, or by a login with the ssh of this machine, which needs no right to make pods [default: pod]')
            [CompletionResult]::new('--ssh-user', '--ssh-user', [CompletionResultType]::ParameterName, 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH')
            [CompletionResult]::new('--ssh-address', '--ssh-address', [CompletionResultType]::ParameterName, 'What of a node is connected to [default: internal-ip]')
            [CompletionResult]::new('--ssh-config', '--ssh-config', [CompletionResultType]::ParameterName, 'Configuration file of ssh, instead of the user''s and the machine''s')
            [CompletionResult]::new('--ssh-sudo', '--ssh-sudo', [CompletionResultType]::ParameterName, 'Whether the script is run by `sudo -n` where the user is not root [default: auto]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the probe pod; any with a POSIX shell and the usual small tools')
            [CompletionResult]::new('--image-pull-policy', '--image-pull-policy', [CompletionResultType]::ParameterName, 'Whether nodes pull the probe''s image anew')
            [CompletionResult]::new('--image-pull-secret', '--image-pull-secret', [CompletionResultType]::ParameterName, 'Secret in the namespace aksreboot for the registry of the probe''s image; repeat it for several')
            [CompletionResult]::new('--probe-cpu', '--probe-cpu', [CompletionResultType]::ParameterName, 'CPU that the probe pod asks for and is limited to [default: 100m]')
            [CompletionResult]::new('--probe-memory', '--probe-memory', [CompletionResultType]::ParameterName, 'Memory that the probe pod asks for and is limited to [default: 100Mi]')
            [CompletionResult]::new('--probe-toleration', '--probe-toleration', [CompletionResultType]::ParameterName, 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint')
            [CompletionResult]::new('--probe-timeout', '--probe-timeout', [CompletionResultType]::ParameterName, 'How long one node''s probe may take, the pull of its image included')
            [CompletionResult]::new('--probe-concurrency', '--probe-concurrency', [CompletionResultType]::ParameterName, 'How many nodes are probed at once')
            [CompletionResult]::new('--sentinel-file', '--sentinel-file', [CompletionResultType]::ParameterName, 'A file on the node that tells instead of the system''s flag: there, a reboot is pending; absent, none (kured''s --reboot-sentinel)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the plan to this file too, as JSON and for its owner''s eyes only: roll --plan FILE carries out just that')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the plan on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the plan on stdout')
            [CompletionResult]::new('--reboot-all', '--reboot-all', [CompletionResultType]::ParameterName, 'Reboot nodes too of which it is known that no reboot is pending')
            [CompletionResult]::new('--ignore-kured-lock', '--ignore-kured-lock', [CompletionResultType]::ParameterName, 'Roll although kured has its lock or its lock cannot be taken: it may reboot nodes at the same time')
            [CompletionResult]::new('--no-canary', '--no-canary', [CompletionResultType]::ParameterName, 'Do not begin with a single node where several may be unavailable')
            [CompletionResult]::new('--rehearse', '--rehearse', [CompletionResultType]::ParameterName, 'Carry the plan out on a simulated copy of the cluster first, and show when each node goes, what it waits for and how few pods of each workload are Ready at worst; nothing of it touches the cluster')
            [CompletionResult]::new('--delete-emptydir-data', '--delete-emptydir-data', [CompletionResultType]::ParameterName, 'Evict pods that keep data in emptyDir volumes; the data is lost')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Evict pods that no controller would make again; they are lost')
            [CompletionResult]::new('--evict-by-priority', '--evict-by-priority', [CompletionResultType]::ParameterName, 'Evict pods of lower priority first, and none of a higher one before those are gone')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;roll' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Only nodes that this label selector picks')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Only nodes that this label selector picks')
            [CompletionResult]::new('--pool', '--pool', [CompletionResultType]::ParameterName, 'Only nodes of this pool; repeat it for several')
            [CompletionResult]::new('--pending-for', '--pending-for', [CompletionResultType]::ParameterName, 'Only nodes whose reboot has been pending for at least this long, such as 2d')
            [CompletionResult]::new('--max-unavailable', '--max-unavailable', [CompletionResultType]::ParameterName, 'How many nodes may be unavailable at once, counting those that are already: a number, or a percentage of the cluster''s nodes, which is rounded down to one at least')
            [CompletionResult]::new('--max-unavailable-per-pool', '--max-unavailable-per-pool', [CompletionResultType]::ParameterName, 'The same for the nodes of each pool')
            [CompletionResult]::new('--max-unavailable-per-zone', '--max-unavailable-per-zone', [CompletionResultType]::ParameterName, 'The same for the nodes of each zone')
            [CompletionResult]::new('--not-counted', '--not-counted', [CompletionResultType]::ParameterName, 'A node that does not count as unavailable; repeat it for several')
            [CompletionResult]::new('--window', '--window', [CompletionResultType]::ParameterName, 'Begin a node only within this window, such as `sat,sun 22:00-04:00 Europe/Berlin`, and wait outside of it; repeat it for several. A node that has begun is brought to its end')
            [CompletionResult]::new('--pause-between', '--pause-between', [CompletionResultType]::ParameterName, 'Let this time pass between the end of a wave and the beginning of the next')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Begin no node when the run is older than this; what is left over ends it with exit code 124')
            [CompletionResult]::new('--assume-reboot', '--assume-reboot', [CompletionResultType]::ParameterName, 'How long a node takes from the ask for its reboot until it is Ready again, in the rehearsal')
            [CompletionResult]::new('--grace-period', '--grace-period', [CompletionResultType]::ParameterName, 'Seconds that each pod gets to end; -1 is its own')
            [CompletionResult]::new('--drain-timeout', '--drain-timeout', [CompletionResultType]::ParameterName, 'Give up on a node whose pods have not left after this')
            [CompletionResult]::new('--reboot-timeout', '--reboot-timeout', [CompletionResultType]::ParameterName, 'Give up on a node without a new boot ID this long after the ask')
            [CompletionResult]::new('--ready-timeout', '--ready-timeout', [CompletionResultType]::ParameterName, 'Give up on a node that is not Ready this long after its new boot')
            [CompletionResult]::new('--sustained-ready', '--sustained-ready', [CompletionResultType]::ParameterName, 'How long Ready must hold before a node counts as back')
            [CompletionResult]::new('--settle-timeout', '--settle-timeout', [CompletionResultType]::ParameterName, 'Give up when workloads are not back this long after a node is')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'How nodes are read and asked to reboot: by short-lived pods, or by a login with the ssh of this machine, which needs no right to make pods [default: pod]')
            [CompletionResult]::new('--ssh-user', '--ssh-user', [CompletionResultType]::ParameterName, 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH')
            [CompletionResult]::new('--ssh-address', '--ssh-address', [CompletionResultType]::ParameterName, 'What of a node is connected to [default: internal-ip]')
            [CompletionResult]::new('--ssh-config', '--ssh-config', [CompletionResultType]::ParameterName, 'Configuration file of ssh, instead of the user''s and the machine''s')
            [CompletionResult]::new('--ssh-sudo', '--ssh-sudo', [CompletionResultType]::ParameterName, 'Whether the script is run by `sudo -n` where the user is not root [default: auto]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the probe pod; any with a POSIX shell and the usual small tools')
            [CompletionResult]::new('--image-pull-policy', '--image-pull-policy', [CompletionResultType]::ParameterName, 'Whether nodes pull the probe''s image anew')
            [CompletionResult]::new('--image-pull-secret', '--image-pull-secret', [CompletionResultType]::ParameterName, 'Secret in the namespace aksreboot for the registry of the probe''s image; repeat it for several')
            [CompletionResult]::new('--probe-cpu', '--probe-cpu', [CompletionResultType]::ParameterName, 'CPU that the probe pod asks for and is limited to [default: 100m]')
            [CompletionResult]::new('--probe-memory', '--probe-memory', [CompletionResultType]::ParameterName, 'Memory that the probe pod asks for and is limited to [default: 100Mi]')
            [CompletionResult]::new('--probe-toleration', '--probe-toleration', [CompletionResultType]::ParameterName, 'Taint that the probe pod tolerates, as KEY[=VALUE][:EFFECT]; repeat it for several. Without it, every taint')
            [CompletionResult]::new('--probe-timeout', '--probe-timeout', [CompletionResultType]::ParameterName, 'How long one node''s probe may take, the pull of its image included')
            [CompletionResult]::new('--probe-concurrency', '--probe-concurrency', [CompletionResultType]::ParameterName, 'How many nodes are probed at once')
            [CompletionResult]::new('--sentinel-file', '--sentinel-file', [CompletionResultType]::ParameterName, 'A file on the node that tells instead of the system''s flag: there, a reboot is pending; absent, none (kured''s --reboot-sentinel)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Carry out the plan in this file (from plan --out), and nothing else: refused when the cluster is not as it was planned, naming what differs')
            [CompletionResult]::new('--reboot-all', '--reboot-all', [CompletionResultType]::ParameterName, 'Reboot nodes too of which it is known that no reboot is pending')
            [CompletionResult]::new('--ignore-kured-lock', '--ignore-kured-lock', [CompletionResultType]::ParameterName, 'Roll although kured has its lock or its lock cannot be taken: it may reboot nodes at the same time')
            [CompletionResult]::new('--no-canary', '--no-canary', [CompletionResultType]::ParameterName, 'Do not begin with a single node where several may be unavailable')
            [CompletionResult]::new('--rehearse', '--rehearse', [CompletionResultType]::ParameterName, 'Carry the plan out on a simulated copy of the cluster first, and show when each node goes, what it waits for and how few pods of each workload are Ready at worst; nothing of it touches the cluster')
            [CompletionResult]::new('--delete-emptydir-data', '--delete-emptydir-data', [CompletionResultType]::ParameterName, 'Evict pods that keep data in emptyDir volumes; the data is lost')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Evict pods that no controller would make again; they are lost')
            [CompletionResult]::new('--evict-by-priority', '--evict-by-priority', [CompletionResultType]::ParameterName, 'Evict pods of lower priority first, and none of a higher one before those are gone')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Carry the plan out without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Carry the plan out without asking')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;resume' {
            [CompletionResult]::new('--ssh-user', '--ssh-user', [CompletionResultType]::ParameterName, 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH')
            [CompletionResult]::new('--ssh-address', '--ssh-address', [CompletionResultType]::ParameterName, 'What of a node is connected to [default: internal-ip]')
            [CompletionResult]::new('--ssh-config', '--ssh-config', [CompletionResultType]::ParameterName, 'Configuration file of ssh, instead of the user''s and the machine''s')
            [CompletionResult]::new('--ssh-sudo', '--ssh-sudo', [CompletionResultType]::ParameterName, 'Whether the script is run by `sudo -n` where the user is not root [default: auto]')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Go on without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Go on without asking')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;history' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the data on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the data on stdout')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;report' {
            [CompletionResult]::new('--journal', '--journal', [CompletionResultType]::ParameterName, 'The run''s journal, when it is not in this machine''s state directory')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the data on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the data on stdout')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;lock' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; whoever is refused reads it')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Until when: a time with its zone, or how long from now; without it, until somebody unlocks')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;unlock' {
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Take it away without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Take it away without asking')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;drain' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Nodes that this label selector picks')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Nodes that this label selector picks')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done: by what the pods say (client), or by asking the API server once for each (server)')
            [CompletionResult]::new('--grace-period', '--grace-period', [CompletionResultType]::ParameterName, 'Seconds that each pod gets to end; -1 is its own')
            [CompletionResult]::new('--ignore-daemonsets', '--ignore-daemonsets', [CompletionResultType]::ParameterName, 'Leave the pods of DaemonSets on the node; with =false they refuse the drain')
            [CompletionResult]::new('--pod-selector', '--pod-selector', [CompletionResultType]::ParameterName, 'Only pods that this label selector picks; the others stay')
            [CompletionResult]::new('--skip-wait-for-delete-timeout', '--skip-wait-for-delete-timeout', [CompletionResultType]::ParameterName, 'Do not wait for pods whose deletion has been due for more than this many seconds; they may still run; 0 waits for all')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up on a node whose pods have not left after this; 0 is never')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer the question whether to make the namespace for the lock with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer the question whether to make the namespace for the lock with yes')
            [CompletionResult]::new('--delete-emptydir-data', '--delete-emptydir-data', [CompletionResultType]::ParameterName, 'Evict pods that keep data in emptyDir volumes; the data is lost')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Evict pods that no controller would make again; they are lost')
            [CompletionResult]::new('--evict-by-priority', '--evict-by-priority', [CompletionResultType]::ParameterName, 'Evict pods of lower priority first, and none of a higher one before those are gone')
            [CompletionResult]::new('--disable-eviction', '--disable-eviction', [CompletionResultType]::ParameterName, 'Delete pods where they would be evicted; this goes past every disruption budget')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;cordon' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Nodes that this label selector picks')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Nodes that this label selector picks')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done: by what the nodes say (client), or by asking the API server once for each (server)')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; kept on the node with who and when, and a roll leaves the node alone as long as it is there')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;uncordon' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Nodes that this label selector picks')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Nodes that this label selector picks')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done: by what the nodes say (client), or by asking the API server once for each (server)')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;doctor' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'Look only at what these commands need; several with commas')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image of the pods, as it will be given to status, check-updates and roll')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'By which way status and check-updates are to read the nodes')
            [CompletionResult]::new('--ssh-user', '--ssh-user', [CompletionResultType]::ParameterName, 'User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH')
            [CompletionResult]::new('--ssh-address', '--ssh-address', [CompletionResultType]::ParameterName, 'What of a node is connected to [default: internal-ip]')
            [CompletionResult]::new('--ssh-config', '--ssh-config', [CompletionResultType]::ParameterName, 'Configuration file of ssh, instead of the user''s and the machine''s')
            [CompletionResult]::new('--ssh-sudo', '--ssh-sudo', [CompletionResultType]::ParameterName, 'Whether the script is run by `sudo -n` where the user is not root [default: auto]')
            [CompletionResult]::new('--ssh-node', '--ssh-node', [CompletionResultType]::ParameterName, 'Log in to these nodes, instead of up to 48 from all pools; several with commas')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the data on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the data on stdout')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;cleanup' {
            [CompletionResult]::new('--records', '--records', [CompletionResultType]::ParameterName, 'Which run records go')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format of the data on stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format of the data on stdout')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Kubeconfig file to use, instead of those named by KUBECONFIG or ~/.kube/config')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Kubeconfig context to use, instead of the current one')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Kubeconfig cluster to use, instead of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Kubeconfig user to use, instead of the context''s')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate; repeat it for several')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'How long one request to the API server may take, such as 10s, 1m30s or a number of seconds; 0 is for ever')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Remove without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Remove without asking')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be removed, and remove nothing')
            [CompletionResult]::new('--in-cluster', '--in-cluster', [CompletionResultType]::ParameterName, 'Use the service account of the pod that this runs in, and no kubeconfig')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;demo' {
            [CompletionResult]::new('--speed', '--speed', [CompletionResultType]::ParameterName, 'How many times faster than the wall''s clock the simulated time runs')
            [CompletionResult]::new('--ask', '--ask', [CompletionResultType]::ParameterName, 'Ask the command''s questions, instead of answering them with yes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, '`aksreboot status` on the demo''s cluster')
            [CompletionResult]::new('check-updates', 'check-updates', [CompletionResultType]::ParameterValue, '`aksreboot check-updates` on the demo''s cluster')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, '`aksreboot plan` on the demo''s cluster; without arguments, a plan for what can be reached')
            [CompletionResult]::new('roll', 'roll', [CompletionResultType]::ParameterValue, '`aksreboot roll` on the demo''s cluster; without arguments, a roll of what can be reached')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, '`aksreboot resume` on the demo''s cluster, where a colleague''s roll was cut off')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, '`aksreboot history` on the same cluster')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, '`aksreboot report` on the same cluster')
            [CompletionResult]::new('drain', 'drain', [CompletionResultType]::ParameterValue, '`aksreboot drain` on the demo''s cluster; without arguments, of a node whose budget is shut for a while')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, '`aksreboot doctor` on the demo''s cluster')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, '`aksreboot cleanup` on the demo''s cluster')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aksreboot;demo;status' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;demo;check-updates' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;demo;plan' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;demo;roll' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;demo;resume' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;demo;history' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;demo;report' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;demo;drain' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;demo;doctor' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;demo;cleanup' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;demo;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, '`aksreboot status` on the demo''s cluster')
            [CompletionResult]::new('check-updates', 'check-updates', [CompletionResultType]::ParameterValue, '`aksreboot check-updates` on the demo''s cluster')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, '`aksreboot plan` on the demo''s cluster; without arguments, a plan for what can be reached')
            [CompletionResult]::new('roll', 'roll', [CompletionResultType]::ParameterValue, '`aksreboot roll` on the demo''s cluster; without arguments, a roll of what can be reached')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, '`aksreboot resume` on the demo''s cluster, where a colleague''s roll was cut off')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, '`aksreboot history` on the same cluster')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, '`aksreboot report` on the same cluster')
            [CompletionResult]::new('drain', 'drain', [CompletionResultType]::ParameterValue, '`aksreboot drain` on the demo''s cluster; without arguments, of a node whose budget is shut for a while')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, '`aksreboot doctor` on the demo''s cluster')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, '`aksreboot cleanup` on the demo''s cluster')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aksreboot;demo;help;status' {
            break
        }
        'aksreboot;demo;help;check-updates' {
            break
        }
        'aksreboot;demo;help;plan' {
            break
        }
        'aksreboot;demo;help;roll' {
            break
        }
        'aksreboot;demo;help;resume' {
            break
        }
        'aksreboot;demo;help;history' {
            break
        }
        'aksreboot;demo;help;report' {
            break
        }
        'aksreboot;demo;help;drain' {
            break
        }
        'aksreboot;demo;help;doctor' {
            break
        }
        'aksreboot;demo;help;cleanup' {
            break
        }
        'aksreboot;demo;help;help' {
            break
        }
        'aksreboot;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;man' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;manifests' {
            [CompletionResult]::new('--read-group', '--read-group', [CompletionResultType]::ParameterName, 'Group that may list nodes, for `status --via api`; repeat it for several')
            [CompletionResult]::new('--probe-group', '--probe-group', [CompletionResultType]::ParameterName, 'Group that may run status with probe pods; repeat it for several')
            [CompletionResult]::new('--check-group', '--check-group', [CompletionResultType]::ParameterName, 'Group that may run check-updates; repeat it for several')
            [CompletionResult]::new('--cordon-group', '--cordon-group', [CompletionResultType]::ParameterName, 'Group that may run cordon and uncordon; repeat it for several')
            [CompletionResult]::new('--drain-group', '--drain-group', [CompletionResultType]::ParameterName, 'Group that may run drain; repeat it for several')
            [CompletionResult]::new('--roll-group', '--roll-group', [CompletionResultType]::ParameterName, 'Group that may run roll as well; repeat it for several')
            [CompletionResult]::new('--roll-ssh-group', '--roll-ssh-group', [CompletionResultType]::ParameterName, 'Group that may run roll --via ssh; repeat it for several')
            [CompletionResult]::new('--cleanup-group', '--cleanup-group', [CompletionResultType]::ParameterName, 'Group that may run cleanup; repeat it for several')
            [CompletionResult]::new('--hold-group', '--hold-group', [CompletionResultType]::ParameterName, 'Group that may run lock and unlock; repeat it for several')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'Image that the policy admits, as given to status and roll; repeat it for several')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;schema' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'aksreboot;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show which nodes wait for a reboot, and why')
            [CompletionResult]::new('check-updates', 'check-updates', [CompletionResultType]::ParameterValue, 'Check whether nodes are behind: pending packages, security updates, reboots')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what a roll would do, and do nothing of it')
            [CompletionResult]::new('roll', 'roll', [CompletionResultType]::ParameterValue, 'Reboot the nodes that wait for it, one at a time')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, 'Go on with a roll that was cut off, stopped or interrupted')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'List the rolls and drains that the cluster has records of, the newest first')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Tell one roll or drain: which nodes, how each ended, and how long each step took')
            [CompletionResult]::new('lock', 'lock', [CompletionResultType]::ParameterValue, 'Hold all reboots in the cluster')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Take the hold on the cluster away')
            [CompletionResult]::new('drain', 'drain', [CompletionResultType]::ParameterValue, 'Cordon nodes and evict their pods, as kubectl drain does')
            [CompletionResult]::new('cordon', 'cordon', [CompletionResultType]::ParameterValue, 'Mark nodes as unschedulable, as kubectl cordon does')
            [CompletionResult]::new('uncordon', 'uncordon', [CompletionResultType]::ParameterValue, 'Mark nodes as schedulable, as kubectl uncordon does')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find out what will not work, and which command mends it')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, 'Remove what killed commands left in the cluster')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Try a command on an embedded simulated cluster; nothing else is needed')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, or write all of them')
            [CompletionResult]::new('manifests', 'manifests', [CompletionResultType]::ParameterValue, 'Print what an administrator applies before others use this tool')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON schema of a document that this program writes')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'aksreboot;help;status' {
            break
        }
        'aksreboot;help;check-updates' {
            break
        }
        'aksreboot;help;plan' {
            break
        }
        'aksreboot;help;roll' {
            break
        }
        'aksreboot;help;resume' {
            break
        }
        'aksreboot;help;history' {
            break
        }
        'aksreboot;help;report' {
            break
        }
        'aksreboot;help;lock' {
            break
        }
        'aksreboot;help;unlock' {
            break
        }
        'aksreboot;help;drain' {
            break
        }
        'aksreboot;help;cordon' {
            break
        }
        'aksreboot;help;uncordon' {
            break
        }
        'aksreboot;help;doctor' {
            break
        }
        'aksreboot;help;cleanup' {
            break
        }
        'aksreboot;help;demo' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, '`aksreboot status` on the demo''s cluster')
            [CompletionResult]::new('check-updates', 'check-updates', [CompletionResultType]::ParameterValue, '`aksreboot check-updates` on the demo''s cluster')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, '`aksreboot plan` on the demo''s cluster; without arguments, a plan for what can be reached')
            [CompletionResult]::new('roll', 'roll', [CompletionResultType]::ParameterValue, '`aksreboot roll` on the demo''s cluster; without arguments, a roll of what can be reached')
            [CompletionResult]::new('resume', 'resume', [CompletionResultType]::ParameterValue, '`aksreboot resume` on the demo''s cluster, where a colleague''s roll was cut off')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, '`aksreboot history` on the same cluster')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, '`aksreboot report` on the same cluster')
            [CompletionResult]::new('drain', 'drain', [CompletionResultType]::ParameterValue, '`aksreboot drain` on the demo''s cluster; without arguments, of a node whose budget is shut for a while')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, '`aksreboot doctor` on the demo''s cluster')
            [CompletionResult]::new('cleanup', 'cleanup', [CompletionResultType]::ParameterValue, '`aksreboot cleanup` on the demo''s cluster')
            break
        }
        'aksreboot;help;demo;status' {
            break
        }
        'aksreboot;help;demo;check-updates' {
            break
        }
        'aksreboot;help;demo;plan' {
            break
        }
        'aksreboot;help;demo;roll' {
            break
        }
        'aksreboot;help;demo;resume' {
            break
        }
        'aksreboot;help;demo;history' {
            break
        }
        'aksreboot;help;demo;report' {
            break
        }
        'aksreboot;help;demo;drain' {
            break
        }
        'aksreboot;help;demo;doctor' {
            break
        }
        'aksreboot;help;demo;cleanup' {
            break
        }
        'aksreboot;help;completions' {
            break
        }
        'aksreboot;help;man' {
            break
        }
        'aksreboot;help;manifests' {
            break
        }
        'aksreboot;help;schema' {
            break
        }
        'aksreboot;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
