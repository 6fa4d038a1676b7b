# Makes an rpm repository of two packages on a node, and installs their older versions, one of which a security advisory
# is about. Run in the node.
set -eu
work=/srv/lab/rpm
rm -rf "$work"
mkdir -p "$work/specs" "$work/repo" "$work/old"
for name in lab-rpm-plain lab-rpm-secure; do
	for version in 1.0 2.0; do
		cat >"$work/specs/$name.spec" <<-END
			Name: $name
			Version: $version
			Release: 1
			Summary: one of the lab's packages
			License: none
			BuildArch: noarch
			%description
			one of the lab's packages
			%files
		END
		rpmbuild -bb --quiet --define "_rpmdir $work/built" --define "_topdir $work/top" "$work/specs/$name.spec"
	done
	mv "$work/built/noarch/$name-1.0-1.noarch.rpm" "$work/old/"
	mv "$work/built/noarch/$name-2.0-1.noarch.rpm" "$work/repo/"
done
createrepo_c --quiet "$work/repo"
cat >"$work/updateinfo.xml" <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<updates>
  <update from="lab@lab.invalid" status="stable" type="security" version="1">
    <id>LAB-2026-1</id>
    <title>lab-rpm-secure</title>
    <severity>Important</severity>
    <issued date="2026-01-05 08:00:00"/>
    <pkglist>
      <collection short="lab">
        <name>lab</name>
        <package name="lab-rpm-secure" version="2.0" release="1" epoch="0" arch="noarch"><filename>lab-rpm-secure-2.0-1.noarch.rpm</filename></package>
      </collection>
    </pkglist>
  </update>
</updates>
END
modifyrepo_c "$work/updateinfo.xml" "$work/repo/repodata"
mkdir -p /etc/yum.repos.d
cat >/etc/yum.repos.d/lab.repo <<END
[lab]
name=lab
baseurl=file://$work/repo
enabled=1
gpgcheck=0
END
# Debian keeps rpm's database in root's home, for it is nobody's there.
mkdir -p /etc/rpm
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.lab
rpm --initdb
rpm -U --oldpackage --force "$work"/old/*.rpm
dnf -q makecache
