# How the probe says what it found, and how it finds a file on the host. Shared by all that the probe reads.
set -u
LC_ALL=C
export LC_ALL
umask 077
LIMIT=4000
newline='
'
body=
count=0
# The first and the last line, and the count of what was left out.
used=$((2 * ${#NONCE} + 64))

# One line of the answer; all of it is ASCII by now.
put() {
    body="$body$1$newline"
    count=$((count + 1))
    used=$((used + ${#1} + 1))
}

# Sets encoded. Text with any unusual byte in it is encoded whole: od is there everywhere, a clever sed is not.
encode() {
    case $1 in
    *[!A-Za-z0-9._+:~/@-]*) encoded=$(printf %s "$1" | od -A n -v -t x1 | tr -d '\n' | sed 's/  */%/g') ;;
    *) encoded=$1 ;;
    esac
}

# KEY VALUE MOST: left out when empty, or so long that it is no such value.
put_value() {
    if [ -n "$2" ] && [ ${#2} -le "$3" ]; then
        encode "$2"
        put "$1 $encoded"
    fi
}

# KEY ITEM LIMIT NAME…: how many names there are, as many of them as fit, and how many do not.
put_list() {
    item=$2
    room=$3
    put "$1 read $(($# - 3))"
    shift 3
    omitted=0
    full=
    for name; do
        # Encoding takes processes, so nothing is encoded in vain a second time.
        if [ -n "$full" ] || [ ${#name} -gt 150 ]; then
            omitted=$((omitted + 1))
            continue
        fi
        encode "$name"
        if [ $((used + ${#item} + ${#encoded} + 2)) -gt "$room" ]; then
            omitted=$((omitted + 1))
            full=1
        else
            put "$item $encoded"
        fi
    done
    [ "$omitted" -eq 0 ] || put "omitted $item $omitted"
}

# PATH: finds it on the host. Every link on the way is followed inside ROOT, for the container's own files must not answer
# for the host. Sets state to there (and file to where), absent (from a directory that is there), or to why it is unknown.
look() {
    at=$ROOT
    rest=$1
    hops=0
    while [ -n "$rest" ]; do
        part=${rest%%/*}
        case $rest in
        */*) rest=${rest#*/} ;;
        *) rest= ;;
        esac
        case $part in
        '' | .) continue ;;
        ..)
            [ "$at" = "$ROOT" ] || at=${at%/*}
            continue
            ;;
        esac
        next=$at/$part
        if [ -L "$next" ]; then
            hops=$((hops + 1))
            if [ "$hops" -gt 16 ] || ! link=$(readlink "$next"); then
                state=symlink
                return
            fi
            case $link in
            /*) at=$ROOT ;;
            esac
            rest=$link/$rest
        elif [ -e "$next" ]; then
            at=$next
        else
            if [ ! -d "$at/" ]; then
                state=no-directory
            elif ! (cd "$at/") 2>/dev/null; then
                state=not-searchable
            elif [ -n "${rest%/}" ]; then
                state=no-directory
            else
                state=absent
            fi
            return
        fi
    done
    file=$at
    state=there
}

# PATH: whether it is there for sure.
found() {
    look "$1"
    [ "$state" = there ]
}

# Why names inside a directory cannot be looked up, in $why; succeeds when they can. Only then is a missing name absent.
searchable() {
    why=
    if [ -L "$1" ]; then
        why=symlink
    elif (cd "$1/") 2>/dev/null; then
        return 0
    elif [ -d "$1" ]; then
        why=not-searchable
    else
        why=no-directory
    fi
    return 1
}

there() {
    [ -e "$1" ] || [ -L "$1" ]
}

# FILE FORMAT: its time in seconds by stat; fails where there is none, or one before 1970.
time_of() {
    seconds=$(stat -c "$2" "$1" 2>/dev/null) || seconds=
    case $seconds in
    '' | *[!0-9]*)
        seconds=
        return 1
        ;;
    esac
}

# FORMAT PATH…: the newest of the times of those paths that are there, in newest; in why, why one is unknown.
newest_of() {
    format=$1
    shift
    newest=
    why=
    for path; do
        look "$path"
        case $state in
        there)
            if ! time_of "$file" "$format"; then
                why=no-time
            elif [ -z "$newest" ] || [ "$seconds" -gt "$newest" ]; then
                newest=$seconds
            fi
            ;;
        absent | no-directory) ;;
        *) why=$state ;;
        esac
    done
}

# KEY PATH: a flag that is a file, whatever is in it, with its modification time. The directory must be there.
put_flag() {
    why=
    look "${2%/*}/"
    case $state in
    there) searchable "$file" ;;
    absent) why=no-directory ;;
    *) why=$state ;;
    esac
    if [ -n "$why" ]; then
        put "$1 unreadable $why"
        return
    fi
    sign=$file/${2##*/}
    if ! there "$sign"; then
        # SELinux may refuse the look at a file and let the name be listed: only a listing without it says absent.
        if ! ls "$file/" >/dev/null 2>&1; then
            put "$1 unreadable not-listable"
            return
        fi
        for name in "${sign%?}"*; do
            if [ "$name" = "$sign" ]; then
                put "$1 unreadable not-readable"
                return
            fi
        done
        put "$1 absent"
    elif time_of "$sign" %Y; then
        put "$1 present $seconds"
    else
        put "$1 present"
    fi
}

