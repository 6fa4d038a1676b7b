# What apt would install now, as unattended-upgrades would: by its simulation, which needs no lock and no write.

ask_apt() {
    tell "updates-manager apt"
    # Nothing is kept of what apt works out on the way, as root would even in a simulation. A pod sees the host in a chroot, where apt takes every phased
    # update for its own; on the host itself it waits for the machine's turn.
    set -- -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Dir::Log::Planner= -o Dir::Log::Solver= \
        -o Dir::Bin::ischroot=/bin/false -o APT::Get::Show-Versions=false
    lists=$(apt-config shell lists Dir::State::lists/d 2>/dev/null | sed "s/^lists='\(.*\)'\$/\1/")
    if [ "$REFRESH" = yes ]; then
        make_scratch apt-get || return
        lists=$scratch/lists/
        mkdir -p "$lists/partial" "$scratch/cache/archives/partial"
        # What else the host does at an update is not done: it would leave its marks there.
        cat >"$scratch/apt.conf" <<'END'
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
        set -- "$@" -c "$scratch/apt.conf" -o "Dir::State::lists=$lists" -o "Dir::Cache=$scratch/cache" \
            -o APT::Sandbox::User=root -o Acquire::Languages=none
        output=$(bounded apt-get "$@" -q update 2>&1)
        code=$?
        if [ $code -ne 0 ]; then
            failed_with apt-get $code "$output"
            return
        fi
    fi
    # Every source that is configured has files of this name, once it was fetched; what a password is in is not in it.
    names=$(apt-get "$@" -o Debug::NoLocking=1 --print-uris update 2>/dev/null |
        sed -n "s/^'[^']*' \([^ ]*\)_InRelease .*/\1/p" | sort -u)
    signed='' others='' missing='' count=0
    set -f
    IFS=$newline
    for name in $names; do
        if [ -f "$lists${name}_InRelease" ]; then
            signed="$signed$lists${name}_InRelease$newline"
        elif [ -f "$lists${name}_Release" ]; then
            others="$others$lists${name}_Release$newline"
        elif find_packages_of "$name"; then
            others="$others$found$newline"
        else
            count=$((count + 1))
            encode "$name"
            [ $count -gt 4 ] || missing="$missing $encoded"
        fi
    done
    if [ -z "$signed$others" ]; then
        if [ "$REFRESH" = yes ]; then
            failed_with apt-get "$code" "$output"
        else
            tell "updates no-data"
        fi
        unset IFS
        set +f
        return
    fi
    [ $count -eq 0 ] || tell "updates-sources-without-data $count$missing"
    # apt renews an InRelease with each successful look at its source, changed or not; the one that was looked at longest
    # ago counts. A Release beside its signature it renews only when that changed. Its stamp comes last, since it is set
    # when one of several sources could be fetched.
    # shellcheck disable=SC2086
    oldest_of $signed
    if [ "$REFRESH" = yes ]; then
        tell "updates-data refresh $(date +%s)"
    elif [ -n "$oldest" ]; then
        tell "updates-data lists $oldest"
    elif time_of /var/lib/apt/periodic/update-success-stamp %Y; then
        tell "updates-data success-stamp $seconds"
    else
        # shellcheck disable=SC2086
        oldest_of $others
        [ -z "$oldest" ] || tell "updates-data lists $oldest"
    fi
    unset IFS
    set +f
    tell_locks /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock

    # As unattended-upgrades would: new packages come along (a kernel is a new name each time), none is removed.
    output=$(bounded apt-get "$@" -q -s --with-new-pkgs upgrade 2>&1)
    code=$?
    if [ $code -ne 0 ]; then
        failed_with apt-get $code "$output"
        return
    fi
    text=$(printf '%s\n' "$output" | awk '
        /^Inst / { print $2; next }
        /^[^ ]/ { waits = /kept back:$/ || /due to phasing:$/ || /^Not upgrading/ }
        /^ / && waits { for (i = 1; i <= NF; i++) print $i }
        END { print "=end" }')
    ended || return
    wanted=$text
    policy=
    if [ -n "$wanted" ]; then
        # Names of packages have no blanks in them.
        # shellcheck disable=SC2086
        policy=$(bounded apt-cache "$@" policy -- $wanted 2>&1)
        code=$?
        if [ $code -ne 0 ]; then
            failed_with apt-cache $code "$policy"
            return
        fi
    fi
    targets=$(bounded apt-get "$@" indextargets --format '$(DESCRIPTION)	$(LABEL)	$(SUITE)	$(CODENAME)' 'Created-By: Packages' 2>&1)
    code=$?
    if [ $code -ne 0 ]; then
        failed_with apt-get $code "$targets"
        return
    fi
    text=$(printf '%s\n=policy\n%s\n=simulated\n%s\n' "$targets" "$policy" "$output" | awk -F '\t' "$ENCODE"'
        function flush() {
            if (package == "") return
            candidate_of[package] = candidate
            installed_of[package] = installed
            mends_of[package] = mends
            phased_of[package] = phased
        }
        part == "" && $0 == "=policy" { part = "policy"; next }
        part == "policy" && $0 == "=simulated" { flush(); part = "simulated"; next }
        # Security by the archive or its name, or by the label of old Debians.
        part == "" {
            if ($2 == "Debian-Security" || $3 ~ /-security$/ || $4 ~ /-security$/) secure[$1] = 1
            next
        }
        part == "policy" {
            if ($0 ~ /^[^ ].*:$/) {
                flush()
                package = substr($0, 1, length($0) - 1)
                installed = candidate = ""
                mends = phased = older = 0
            } else if ($0 ~ /^  Installed: /) {
                installed = substr($0, 14)
                if (installed == "(none)") installed = ""
            } else if ($0 ~ /^  Candidate: /) {
                candidate = substr($0, 14)
            } else if ($0 ~ /^ \*\*\* /) {
                older = 1
            } else if ($0 ~ /^     [^ ]/) {
                # Versions come newest first; those before the installed one are newer, and may hide a security update
                # that the candidate brings along.
                split($0, word, / +/)
                if (word[2] == candidate && $0 ~ /\(phased /) phased = 1
            } else if ($0 ~ /^ +-?[0-9]+ / && !older) {
                origin = $0
                sub(/^ +-?[0-9]+ /, "", origin)
                if (origin in secure) mends = 1
            }
            next
        }
        function put(name, arch, old, new, standing, origin,    bare, security) {
            bare = name
            sub(/:[a-z0-9-]+$/, "", bare)
            # Of what the policy does not speak of, nobody knows whether it mends anything.
            security = !(name in candidate_of) ? "-" : mends_of[name] ? "yes" : "no"
            print encode(bare), encode(arch), encode(old), encode(new), security, standing, encode(origin)
            done[name] = 1
        }
        /^Inst / {
            rest = substr($0, 6)
            name = rest
            sub(/ .*/, "", name)
            rest = substr(rest, length(name) + 2)
            old = ""
            if (rest ~ /^\[/) {
                old = rest
                sub(/\].*/, "", old)
                rest = substr(rest, length(old) + 3)
                old = substr(old, 2)
            }
            sub(/\)[^)]*$/, "", rest)
            rest = substr(rest, 2)
            new = rest
            sub(/ .*/, "", new)
            arch = origin = substr(rest, length(new) + 2)
            sub(/.*\[/, "", arch)
            sub(/\].*/, "", arch)
            sub(/ *\[[^[]*$/, "", origin)
            put(name, arch, old, new, "pending", origin)
            next
        }
        /^[^ ]/ {
            standing = ""
            if ($0 ~ /kept back:$/ || $0 ~ /^Not upgrading:/) standing = "kept-back"
            if ($0 ~ /due to phasing:$/) standing = "phased"
        }
        /^ / && standing != "" {
            count = split($0, names, / +/)
            for (i = 1; i <= count; i++) {
                name = names[i]
                if (name == "" || name in done) continue
                put(name, "", installed_of[name], candidate_of[name], phased_of[name] ? "phased" : standing, "")
            }
        }
        END { print "=end" }')
    sort_list || return
    tell_list
}

# NAME: a list of packages of the source that its files are called by, in found. Sources without a Release file have nothing else.
find_packages_of() {
    set +f
    for found in "$lists$1"_Packages* "$lists$1"_*_binary-*_Packages*; do
        [ -f "$found" ] || continue
        # A source below this one has names that begin with its own.
        whose=
        for other in $names; do
            case $other in
            "$1"_*) case $found in "$lists${other}_"*) whose=$other ;; esac ;;
            esac
        done
        if [ -z "$whose" ]; then
            set -f
            return 0
        fi
    done
    set -f
    return 1
}
