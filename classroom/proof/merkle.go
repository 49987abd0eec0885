package proof

import (
	"crypto/sha256"
	"math/bits"
)

// Hash is a node of the tree.
type Hash = [sha256.Size]byte

func leafHash(data []byte) Hash {
	return sha256.Sum256(append([]byte{0}, data...))
}

func nodeHash(left, right Hash) Hash {
	b := make([]byte, 0, 1+2*sha256.Size)
	b = append(b, 1)
	b = append(b, left[:]...)
	return sha256.Sum256(append(b, right[:]...))
}

// split is the largest power of two below n, for n > 1.
func split(n int) int { return 1 << (bits.Len(uint(n-1)) - 1) }

// tree gives the root over leaves (RFC 9162 section 2.1.1) and the inclusion path of each (section 2.1.3).
func tree(leaves []Hash) (root Hash, paths [][]Hash) {
	paths = make([][]Hash, len(leaves))
	if len(leaves) == 0 {
		return sha256.Sum256(nil), paths
	}
	return subtree(leaves, paths), paths
}

func subtree(leaves []Hash, paths [][]Hash) Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := split(len(leaves))
	left, right := subtree(leaves[:k], paths[:k]), subtree(leaves[k:], paths[k:])
	for i := range paths {
		if i < k {
			paths[i] = append(paths[i], right)
		} else {
			paths[i] = append(paths[i], left)
		}
	}
	return nodeHash(left, right)
}

// rootOf is the root that a leaf at index of a tree of n leaves has by its path; false if the path has not the length
// that such a leaf has.
func rootOf(leaf Hash, index, n int, path []Hash) (Hash, bool) {
	if index < 0 || index >= n {
		return Hash{}, false
	}
	if n == 1 {
		return leaf, len(path) == 0
	}
	if len(path) == 0 {
		return Hash{}, false
	}
	k, last := split(n), path[len(path)-1]
	if index < k {
		h, ok := rootOf(leaf, index, k, path[:len(path)-1])
		return nodeHash(h, last), ok
	}
	h, ok := rootOf(leaf, index-k, n-k, path[:len(path)-1])
	return nodeHash(last, h), ok
}
