# Asks the host's package manager what it would install now, and changes nothing. Run by the host's own shell, with the
# host's root directory as its own. POSIX sh and awk.
#
# REFRESH   yes: fetch package data for this question, into a folder that is removed again; else: the data that is there
# PATIENCE  seconds until the package manager is given up; what else the probe found is still told then
#
# Prints the lines of the answer, and after a line `list` the packages:
# NAME ARCHITECTURE INSTALLED CANDIDATE SECURITY STANDING ORIGIN, percent-encoded, a dash for what is not known.
set -u
LC_ALL=C
export LC_ALL
umask 077
newline='
'
# The list goes by the pod's log, which is read up to 1 MiB.
MOST_BYTES=900000
list=
scratch=

tell() {
    printf '%s\n' "$*"
}

# Sets encoded, at most 150 bytes of it unencoded.
encode() {
    encoded=$(printf %s "$1" | head -c 150)
    case $encoded in
    '') encoded=%3F ;;
    -) encoded=%2D ;;
    *[!A-Za-z0-9._+:~/@-]*) encoded=$(printf %s "$encoded" | od -A n -v -t x1 | tr -d '\n' | sed 's/  */%/g') ;;
    esac
}

# PROGRAM MESSAGE
failed() {
    encode "$2"
    tell "updates failed $1 $encoded"
}

# Hundredths of a second since the boot, in clock.
look_at_clock() {
    read -r up rest </proc/uptime
    clock=${up%.*}${up#*.}
}

# Hundredths of a second that the programs called so far have worked, in worked.
look_at_work() {
    read -r stat </proc/self/stat
    # shellcheck disable=SC2086
    set -- $stat
    worked=$((${16} + ${17}))
}

# Runs a program within what is left of the patience; 124 when it is used up.
bounded() {
    look_at_clock
    left=$((PATIENCE - (clock - began) / 100))
    [ "$left" -gt 0 ] || return 124
    timeout -k 2 "$left" "$@"
}

# PROGRAM CODE OUTPUT: why it failed, in its own words where it has some.
failed_with() {
    if [ "$2" -eq 124 ] || [ "$2" -eq 137 ]; then
        failed "$1" "no end within $PATIENCE s"
        return
    fi
    why=$(printf '%s\n' "$3" | sed -n 's/^\([EW]: \|Error: *\|Error([0-9]*) *: *\)//p' | sed -n 1p)
    [ -n "$why" ] || why=$(printf '%s\n' "$3" | sed -n '$p')
    failed "$1" "exit code $2: $why"
}

# FILE FORMAT: its time in seconds, in seconds.
time_of() {
    seconds=$(stat -L -c "$2" "$1" 2>/dev/null)
    case $seconds in
    '' | *[!0-9]*) return 1 ;;
    esac
}

# FILE…: the oldest of their change times, in oldest. A modification time is often the server's.
oldest_of() {
    oldest=
    for path; do
        if time_of "$path" %Z && { [ -z "$oldest" ] || [ "$seconds" -lt "$oldest" ]; }; then
            oldest=$seconds
        fi
    done
}

# A folder for what must be written somewhere. In a pod /tmp is the pod's own.
make_scratch() {
    if ! scratch=$(mktemp -d /tmp/aksreboot.XXXXXXXX); then
        scratch=
        failed mktemp "no folder in /tmp"
        return 1
    fi
    trap 'rm -rf "$scratch"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 141' PIPE
    trap 'exit 143' TERM
    TMPDIR=$scratch
    export TMPDIR
}

# Those of the files that somebody holds a lock on, by the kernel's list: whether they exist means nothing.
tell_locks() {
    held=
    for path; do
        [ -e "$path" ] || continue
        inode=$(stat -c %i "$path" 2>/dev/null) || continue
        if grep -q ":$inode [0-9]" /proc/locks 2>/dev/null; then
            held="$held $path"
        fi
    done
    [ -z "$held" ] || tell "updates-locks$held"
}

# Tells the numbers of the packages in $list, and how to know the list again. Cuts it where it is too long.
tell_list() {
    numbers=$(printf '%s\n' "$list" | awk -v most="$MOST_BYTES" '
        NF == 7 {
            if ($6 == "pending") { pending++; if ($5 == "yes") security++; if ($5 == "-") unknown = 1 }
            if ($6 == "phased") phased++
            if ($6 == "kept-back") kept++
            bytes += length($0) + 1
            if (bytes <= most) fit = NR; else omitted++
        }
        END {
            print pending + 0, (unknown ? "-" : security + 0), phased + 0, kept + 0
            print fit + 0, omitted + 0
        }')
    tell "updates read"
    tell "updates-count ${numbers%%"$newline"*}"
    fit=${numbers#*"$newline"}
    omitted=${fit#* }
    fit=${fit% *}
    if [ "$omitted" -gt 0 ]; then
        list=$(printf '%s\n' "$list" | head -n "$fit")
        tell "updates-omitted $omitted"
    fi
    if [ "$fit" -gt 0 ]; then
        sum=$(printf '%s\n' "$list" | sha256sum)
        tell "updates-list $fit $((${#list} + 1)) ${sum%% *}"
    else
        list=
    fi
}

# A function of awk that encodes as the rest does.
ENCODE='
    function encode(text,    i, out, char) {
        if (text == "") return "-"
        if (text == "-") return "%2D"
        if (text !~ /[^A-Za-z0-9._+:~\/@-]/) return text
        for (i = 1; i <= length(text) && i <= 200; i++) {
            char = substr(text, i, 1)
            out = out (char ~ /[A-Za-z0-9._+:~\/@-]/ ? char : sprintf("%%%02X", code[char]))
        }
        return out
    }
    BEGIN { for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }'

ask_apt() {
    tell "updates-manager apt"
    # Nothing is kept of what apt works out on the way. A pod sees the host in a chroot, where apt takes every phased
    # update for its own; on the host itself it waits for the machine's turn.
    set -- -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Dir::Bin::ischroot=/bin/false
    lists=$(apt-config shell lists Dir::State::lists/d 2>/dev/null | sed "s/^lists='\(.*\)'\$/\1/")
    if [ "$REFRESH" = yes ]; then
        make_scratch || return
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
    wanted=$(printf '%s\n' "$output" | awk '
        /^Inst / { print $2; next }
        /^[^ ]/ { waits = /kept back:$/ || /due to phasing:$/ || /^Not upgrading/ }
        /^ / && waits { for (i = 1; i <= NF; i++) print $i }')
    policy=
    if [ -n "$wanted" ]; then
        # Names of packages have no blanks in them.
        # shellcheck disable=SC2086
        policy=$(bounded apt-cache "$@" policy $wanted 2>&1)
        code=$?
        if [ $code -ne 0 ]; then
            failed_with apt-cache $code "$policy"
            return
        fi
    fi
    targets=$(apt-get "$@" indextargets --format '$(DESCRIPTION)	$(LABEL)	$(SUITE)	$(CODENAME)' 'Created-By: Packages' 2>/dev/null)
    list=$(printf '%s\n=policy\n%s\n=simulated\n%s\n' "$targets" "$policy" "$output" | awk -F '\t' "$ENCODE"'
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
        function put(name, arch, old, new, standing, origin,    bare) {
            bare = name
            sub(/:[a-z0-9-]+$/, "", bare)
            print encode(bare), encode(arch), encode(old), encode(new), (mends_of[name] ? "yes" : "no"), standing, encode(origin)
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
        }' | sort)
    tell_list
}

look_at_clock
began=$clock
if command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1 && [ -e /var/lib/dpkg/status ]; then
    ask_apt
else
    tell "updates-manager none"
fi
look_at_clock
look_at_work
tell "updates-cost $((worked * 10)) $(((clock - began) * 10))"
if [ -n "$list" ]; then
    printf 'list\n%s\n' "$list"
fi
