package sqlite

import "syscall"

// networkShare returns the network file system of a folder; empty for a disk of this machine.
// SQLite's log in shared memory works between the processes of one machine only
// (https://www.sqlite.org/wal.html), and locks on shares often do nothing. The numbers are those of
// statfs(2).
func networkShare(folder string) string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(folder, &fs); err != nil {
		return "" // opening the file will fail
	}
	switch uint32(fs.Type) {
	case 0x6969:
		return "NFS"
	case 0x517b, 0xff534d42, 0xfe534d42:
		return "SMB"
	case 0x5346414f:
		return "AFS"
	case 0x00c36400:
		return "Ceph"
	}
	return ""
}
