package main

import (
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// typeAttribute is where DWARF says how far behind typesBegin a type's description is (DW_AT_go_runtime_type).
const (
	typeAttribute = dwarf.Attr(0x2904)
	typesBegin    = "runtime.types"
)

// piece is a symbol or a description of a type: where it begins, and whose it is.
type piece struct {
	at, size uint64
	owner    string
}

// count counts the bytes of each package in a program that has its symbols and DWARF:
//
//   - Code and data by their symbols.
//   - Descriptions of types, which reflection and the garbage collector read, from one to the next; DWARF says where they begin.
//   - The table of functions (their names, lines and stack maps: gopclntab) by the size of the functions' code. This is an estimate.
//   - What is left are texts and constants that packages share, and gaps between functions.
func count(program string) (map[string]int64, error) {
	file, err := elf.Open(program)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // It was only read.
	symbols, err := file.Symbols()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	types, err := typesOf(file, symbols)
	if err != nil {
		return nil, err
	}
	all, code := map[string]int64{}, map[string]int64{}
	var tables int64
	for _, section := range file.Sections {
		if section.Flags&elf.SHF_ALLOC == 0 || section.Type == elf.SHT_NOBITS {
			continue
		}
		left := int64(section.FileSize)
		switch section.Name {
		case ".gopclntab":
			tables += left
			continue
		case ".rodata":
			left -= add(all, within(types, section))
		}
		for _, symbol := range symbols {
			if symbol.Value < section.Addr || symbol.Value >= section.Addr+section.Size || elf.ST_TYPE(symbol.Info) == elf.STT_SECTION {
				continue
			}
			size := int64(min(symbol.Size, section.Addr+section.Size-symbol.Value))
			owner := ownerOf(symbol.Name)
			all[owner] += size
			if left -= size; section.Name == ".text" {
				code[owner] += size
			}
		}
		if section.Name == ".text" {
			all[headers] += left
			continue
		}
		all[shared] += left
	}
	var sum int64
	for _, size := range code {
		sum += size
	}
	for owner, size := range code {
		all[owner] += int64(float64(tables) * float64(size) / float64(sum))
	}
	return all, nil
}

// add counts pieces, and returns their sum.
func add(all map[string]int64, pieces []piece) (sum int64) {
	for _, p := range pieces {
		all[p.owner] += int64(p.size)
		sum += int64(p.size)
	}
	return sum
}

// typesOf are the descriptions of types, in the order of their addresses. Each one ends where the next one begins.
func typesOf(file *elf.File, symbols []elf.Symbol) ([]piece, error) {
	first := slices.IndexFunc(symbols, func(s elf.Symbol) bool { return s.Name == typesBegin })
	if first < 0 {
		return nil, errors.New("the program has no " + typesBegin)
	}
	described, err := file.DWARF()
	if err != nil {
		return nil, err
	}
	var all []piece
	for reader := described.Reader(); ; {
		entry, err := reader.Next()
		if err != nil {
			return nil, err
		}
		if entry == nil {
			break
		}
		at, ok := entry.Val(typeAttribute).(uint64)
		name, _ := entry.Val(dwarf.AttrName).(string)
		if ok && at != 0 {
			all = append(all, piece{at: symbols[first].Value + at, owner: ownerOf(strings.TrimLeft(name, "*[]0123456789"))})
		}
	}
	slices.SortFunc(all, func(a, b piece) int { return int(int64(a.at) - int64(b.at)) })
	return all, nil
}

// typeMax is the largest description that is believed: what follows the last type is none.
const typeMax = 64 << 10

// within gives the pieces of a section their sizes.
func within(pieces []piece, section *elf.Section) []piece {
	var found []piece
	for i, p := range pieces {
		if p.at < section.Addr || p.at >= section.Addr+section.Size {
			continue
		}
		end := section.Addr + section.Size
		if i+1 < len(pieces) {
			end = min(end, pieces[i+1].at)
		}
		if p.size = end - p.at; p.size < typeMax {
			found = append(found, p)
		}
	}
	return found
}

// ownerOf is the path of the package that a symbol or a type belongs to.
func ownerOf(name string) string {
	for _, prefix := range []string{"type:.eq.", "type:.hash.", "go:itab.*", "go:itab.", "noalg.", "struct {", "func(", "map[", "chan "} {
		name = strings.TrimPrefix(name, prefix)
	}
	name, _, _ = strings.Cut(strings.TrimLeft(name, "*[]"), "[") // Type arguments do not decide.
	name, _, _ = strings.Cut(name, ",")                          // Of an itab the type decides, not the interface.
	slash := strings.LastIndexByte(name, '/')
	dot := strings.IndexByte(name[slash+1:], '.')
	if dot < 0 || strings.HasPrefix(name, "go:") || strings.ContainsAny(name[:slash+1+dot], " {(:]") {
		return shared
	}
	// The linker escapes dots in the last element of a path.
	return strings.ReplaceAll(name[:slash+1+dot], "%2e", ".")
}
