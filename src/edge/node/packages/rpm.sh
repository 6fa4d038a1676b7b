# What dnf or tdnf would install now, by the metadata that they have on the host. Both are given folders of their own for
# everything that they write.

# Where tdnf has its lock.
tdnf_lock_folder=/run

can_seal() {
    [ "$(id -u)" -eq 0 ] && unshare --mount --propagation private true 2>/dev/null
}

# As root on the host itself a reader of rpm's database leaves marks in it, and tdnf a lock: those places are made
# read-only first, for these programs alone. In a pod nobody may, and everything is so already, but for what is mounted below
# the root where the cluster cannot make that read-only too.
seal() {
    # shellcheck disable=SC2016
    sealed='for place in /var/lib/rpm /usr/lib/sysimage/rpm /var/cache/dnf /var/cache/libdnf5 /var/cache/tdnf /run; do
        [ -d "$place" ] || continue
        mount --bind "$place" "$place" && mount -o remount,bind,ro "$place" || exit 125
    done
    exec "$@"'
    if can_seal; then
        set -- unshare --mount --propagation private /bin/sh -c "$sealed" sh "$@"
    fi
    bounded "$@"
}

# CACHE: a folder of our own with what is in it as links, but for what the program makes out of the rest.
link_cache() {
    for entry in "$1"/*; do
        name=${entry##*/}
        if [ -d "$entry" ]; then
            mkdir -p "$scratch/cache/$name"
            for part in "$entry"/*; do
                [ "${part##*/}" = solvcache ] || ln -s "$part" "$scratch/cache/$name/"
            done
        elif [ -f "$entry" ]; then
            ln -s "$entry" "$scratch/cache/"
        fi
    done
}

# CACHE NAME…: when the data of the repository that was looked at longest ago came, by the newest of its files: whoever
# finds a repository unchanged renews one of them. Tells it, and which of them have none; fails when none has any.
tell_repositories() {
    cache=$1
    shift
    all='' missing='' count=0
    for repository; do
        newest=
        for folder in "$cache/$repository" "$cache/$repository"-*; do
            rest=${folder#"$cache/$repository"}
            case ${rest#-} in
            *[!0-9a-f]*) continue ;;
            esac
            for file in "$folder/lastrefresh" "$folder"/repodata/*; do
                if time_of "$file" %Z && { [ -z "$newest" ] || [ "$seconds" -gt "$newest" ]; }; then
                    newest=$seconds
                fi
            done
        done
        if [ -z "$newest" ]; then
            count=$((count + 1))
            encode "$repository"
            [ $count -gt 4 ] || missing="$missing $encoded"
        elif [ -z "$all" ] || [ "$newest" -lt "$all" ]; then
            all=$newest
        fi
    done
    [ -n "$all" ] || return 1
    [ $count -eq 0 ] || tell "updates-sources-without-data $count$missing"
    if [ "$REFRESH" = yes ]; then
        tell "updates-data refresh $(date +%s)"
    else
        tell "updates-data lists $all"
    fi
}

# Sets list from lines `NAME ARCHITECTURE VERSION REPOSITORY` of newer packages in $newer, of which those are for security
# that are in $mending, where the repository is one of $advised: the others do not say.
join_rpm() {
    # Several repositories may have the same package.
    names=$(printf '%s\n' "$newer" | awk 'NF == 4 { print $1 }' | sort -u)
    installed=
    if [ -n "$names" ]; then
        # shellcheck disable=SC2086
        installed=$(seal rpm -q --qf '%{NAME} %{ARCH} %{EVR}\n' $names 2>"$scratch/said")
        code=$?
        # That one is not installed is a failure to rpm, and none here.
        if is_no_end $code; then
            failed_with rpm $code "$(cat "$scratch/said")"
            return 1
        fi
    fi
    text=$(printf '%s\n=mending\n%s\n=installed\n%s\n=newer\n%s\n' "$advised" "$mending" "$installed" "$newer" |
        awk "$ENCODE"'
        /^=/ { part = $1; next }
        part == "" { says[$1] = 1 }
        part == "=mending" && NF == 4 { mends[$1 "." $2] = 1 }
        # Of several, such as kernels, the one that came last.
        part == "=installed" && NF == 3 { old[$1 "." $2] = $3 }
        part == "=newer" && NF == 4 {
            key = $1 "." $2
            security = ($4 in says) ? (key in mends ? "yes" : "no") : "-"
            if (!(key in line)) {
                order[++count] = key
            } else if (rank(security) <= rank(known[key])) {
                next
            }
            known[key] = security
            line[key] = encode($1) " " encode($2) " " encode(old[key]) " " encode($3) " " security " pending " encode($4)
        }
        # What one repository says of a security fault is true, whatever the others leave out.
        function rank(security) {
            return security == "yes" ? 3 : security == "-" ? 2 : 1
        }
        END {
            for (i = 1; i <= count; i++) print line[order[i]]
            print "=end"
        }')
    sort_list
}

# Whoever is not root gets a folder of dnf's there, whatever dnf is told.
dnf_folders=/var/tmp/dnf-
# Which of them were there before dnf was asked; - where it was not.
dnf_before=-

# Takes away what was not there before and is our own.
forget_dnf() {
    [ "$dnf_before" != - ] || return 0
    me=$(id -u)
    [ "$me" -ne 0 ] || return 0
    for folder in "$dnf_folders"*; do
        case "$newline$dnf_before$newline" in
        *"$newline$folder$newline"*) continue ;;
        esac
        [ "$(stat -c %u "$folder" 2>/dev/null)" = "$me" ] && rm -rf "$folder"
    done
    return 0
}

ask_dnf() {
    tell "updates-manager dnf"
    make_scratch dnf || return
    dnf_before=$(ls -d "$dnf_folders"* 2>/dev/null)
    cache=/var/cache/dnf
    if [ ! -d "$cache" ] && [ -d /var/cache/libdnf5 ]; then
        cache=/var/cache/libdnf5
    fi
    mkdir -p "$scratch/cache" "$scratch/log"
    # Plugins are the host's to run: some of them write.
    set -- dnf -q --noplugins "--setopt=cachedir=$scratch/cache" "--setopt=logdir=$scratch/log" \
        "--setopt=persistdir=$scratch/persist"
    if [ "$REFRESH" = yes ]; then
        cache=$scratch/cache
    else
        link_cache "$cache"
        set -- "$@" -C
    fi
    # One line for each, in a form of our own: the table of check-update is broken into lines by its width.
    form='%{name} %{arch} %{evr} %{repoid}\n'
    newer=$(seal "$@" repoquery --upgrades --latest-limit 1 --qf "$form" 2>"$scratch/said")
    code=$?
    # An answer that did not come is not the answer that there is nothing.
    if is_no_end $code; then
        failed_with dnf $code "$(cat "$scratch/said")"
        return
    fi
    repositories=$(seal "$@" repolist --enabled 2>"$scratch/said-of-them")
    listed=$?
    if is_no_end $listed; then
        failed_with dnf $listed "$(cat "$scratch/said-of-them")"
        return
    fi
    # Its first column are names, but for that of the heading.
    text=$(printf '%s\n' "$repositories" | awk '$1 != "repo" { print $1 } END { print "=end" }')
    ended || return
    ids=$text
    # shellcheck disable=SC2086
    if ! tell_repositories "$cache" $ids; then
        if [ "$REFRESH" = yes ] && [ $code -ne 0 ]; then
            failed_with dnf $code "$(cat "$scratch/said")"
        else
            tell "updates no-data"
        fi
        return
    fi
    if [ $code -ne 0 ]; then
        failed_with dnf $code "$(cat "$scratch/said")"
        return
    fi
    advised='' mending=''
    case $system in
    # Its makers publish no advisories in the repositories that could be counted on.
    azurelinux | mariner) ;;
    *)
        for name in $ids; do
            for folder in "$cache/$name"-*; do
                rest=${folder#"$cache/$name"-}
                case $rest in
                *[!0-9a-f]*) continue ;;
                esac
                if grep -q 'type="updateinfo"' "$folder/repodata/repomd.xml" 2>/dev/null; then
                    advised="$advised$name$newline"
                fi
            done
        done
        ;;
    esac
    if [ -n "$advised" ] && [ -n "$newer" ]; then
        mending=$(seal "$@" repoquery --upgrades --security --qf "$form" 2>"$scratch/said")
        code=$?
        if [ $code -ne 0 ]; then
            failed_with dnf $code "$(cat "$scratch/said")"
            return
        fi
    fi
    join_rpm || return
    tell_list
}

ask_tdnf() {
    tell "updates-manager tdnf"
    # Its lock would be taken, and that of another taken away.
    if ! can_seal && [ "$(id -u)" -eq 0 ] && [ -w "$tdnf_lock_folder" ]; then
        failed tdnf "it would write its lock into $tdnf_lock_folder, which this cluster cannot make read-only; --via ssh can ask it"
        return
    fi
    make_scratch tdnf || return
    cache=/var/cache/tdnf
    mkdir -p "$scratch/cache"
    { cat /etc/tdnf/tdnf.conf 2>/dev/null || printf '[main]\n'; } | sed '/^ *cachedir *=/d' >"$scratch/tdnf.conf"
    printf '\ncachedir=%s\n' "$scratch/cache" >>"$scratch/tdnf.conf"
    set -- tdnf -c "$scratch/tdnf.conf" -j
    if [ "$REFRESH" = yes ]; then
        cache=$scratch/cache
        set -- "$@" --refresh
    else
        link_cache "$cache"
        set -- "$@" -C
    fi
    output=$(seal "$@" check-update 2>"$scratch/said")
    code=$?
    if is_no_end $code; then
        failed_with tdnf $code "$(cat "$scratch/said")"
        return
    fi
    repositories=$(seal "$@" repolist 2>"$scratch/said-of-them")
    listed=$?
    if is_no_end $listed; then
        failed_with tdnf $listed "$(cat "$scratch/said-of-them")"
        return
    fi
    ids=$(printf '%s\n' "$repositories" | sed 's/{/\n{/g' | sed -n 's/.*"Repo": *"\([^"]*\)".*/\1/p')
    # shellcheck disable=SC2086
    if ! tell_repositories "$cache" $ids; then
        if [ "$REFRESH" = yes ]; then
            failed_with tdnf $code "$(cat "$scratch/said")"
        else
            tell "updates no-data"
        fi
        return
    fi
    # Its own exit code says nothing of the answer; the form of that does, from its beginning to its end.
    case $output in
    '['*']') ;;
    *)
        why=$(printf '%s\n' "$output" | sed -n 's/.*"ErrorMessage": *"\([^"]*\)".*/\1/p')
        failed_with tdnf $code "${why:-$(cat "$scratch/said")}"
        return
        ;;
    esac
    # Several versions of one package come newest last.
    text=$(printf '%s\n' "$output" | sed 's/{/\n{/g' | awk '
        function field(name) {
            if (!match($0, "\"" name "\": *\"[^\"]*\"")) return ""
            text = substr($0, RSTART, RLENGTH)
            sub(/^"[^"]*": *"/, "", text)
            sub(/"$/, "", text)
            return text
        }
        /^{/ {
            key = field("Name") " " field("Arch")
            if (!(key in evr)) order[++count] = key
            evr[key] = field("Evr")
            repo[key] = field("Repo")
            if (split(key " " evr[key] " " repo[key], words, " ") != 4) strange = 1
        }
        END {
            for (i = 1; i <= count; i++) print order[i], evr[order[i]], repo[order[i]]
            print strange ? "=strange" : "=end"
        }')
    case $text in
    *=strange)
        failed tdnf "a package in another form"
        return
        ;;
    esac
    ended || return
    newer=$text
    # The repositories of Azure Linux do not say what is for security.
    advised='' mending=''
    join_rpm || return
    tell_list
}
