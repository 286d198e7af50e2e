using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Makes a native library accept an older libstdc++ where it names a newer one for nothing.
/// Compilers since GCC 13 name the symbol <c>std::ios_base_library_init</c> (GLIBCXX_3.4.32) in every object that includes iostream; when no
/// relocation uses it, the loader still refuses the library for the version's sake. The weak flag on that version entry (ELF gABI,
/// symbol versioning: <c>VER_FLG_WEAK</c> in <c>vna_flags</c>) turns the refusal off. Nothing happens to a file without the entry, or
/// where any other symbol needs the version.
/// </summary>
public class RelaxLibstdcxxVersion : Task
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string HarmlessSymbol = "_ZSt21ios_base_library_initv";
    private const ushort WeakFlag = 2;
    private const uint DynamicSymbols = 11, VersionNeeds = 0x6ffffffe, SymbolVersions = 0x6fffffff;

    [Required]
    public ITaskItem[] Files { get; set; }

    /// <summary>Where given, the files stay as they are, and those that need it are relaxed in copies below this folder, each at its RelativePath.</summary>
    public string CopyTo { get; set; }

    /// <summary>With <see cref="CopyTo"/>: the files, copies in the place of those that needed one.</summary>
    [Output]
    public ITaskItem[] Copies { get; set; }

    public override bool Execute()
    {
        var copies = new List<ITaskItem>();
        foreach (var file in Files)
        {
            var path = file.GetMetadata("FullPath");
            var image = File.Exists(path) ? File.ReadAllBytes(path) : new byte[0];
            var copy = file;
            if (Relax(image))
            {
                if (CopyTo == null)
                    Replace(path, image);
                else
                    copy = Copy(file, image);
            }
            copies.Add(copy);
        }
        Copies = copies.ToArray();
        return !Log.HasLoggedErrors;
    }

    /// <summary>A new file moved into place: an output file may be a hard link into the package cache. The time stamp stays, so that incremental builds stay quiet.</summary>
    private void Replace(string path, byte[] image)
    {
        var time = File.GetLastWriteTimeUtc(path);
        Write(path, image);
        File.SetLastWriteTimeUtc(path, time);
    }

    /// <summary>The copy is as new as its content: a publish folder that holds the original gets it, and one that holds the copy stays.</summary>
    private ITaskItem Copy(ITaskItem file, byte[] image)
    {
        var path = Path.GetFullPath(Path.Combine(CopyTo, file.GetMetadata("RelativePath")));
        if (!File.Exists(path) || !File.ReadAllBytes(path).SequenceEqual(image))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path));
            Write(path, image);
        }
        return new TaskItem(path, file.CloneCustomMetadata());
    }

    private void Write(string path, byte[] image)
    {
        var temporary = path + ".relaxed";
        File.WriteAllBytes(temporary, image);
        File.Delete(path);
        File.Move(temporary, path);
        Log.LogMessage(MessageImportance.Normal, "{0}: {1} is now a weak requirement.", path, Version);
    }

    private static bool Relax(byte[] image)
    {
        var isElf64LittleEndian = image.Length > 64 && image[0] == 0x7f && image[1] == 'E' && image[2] == 'L' && image[3] == 'F' && image[4] == 2 && image[5] == 1;
        if (!isElf64LittleEndian)
            return false;

        var sections = Sections(image);
        var needs = sections.Find(s => s.Type == VersionNeeds);
        var symbols = sections.Find(s => s.Type == DynamicSymbols);
        var versions = sections.Find(s => s.Type == SymbolVersions);
        if (needs == null || symbols == null || versions == null)
            return false;

        var entry = FindNeed(image, needs, sections[needs.Link]);
        if (entry < 0 || (BitConverter.ToUInt16(image, entry + 4) & WeakFlag) != 0)
            return false;

        var index = BitConverter.ToUInt16(image, entry + 6);
        if (!OnlyHarmlessSymbolNeeds(image, index, symbols, versions, sections[symbols.Link]))
            return false;

        image[entry + 4] |= (byte)WeakFlag;
        return true;
    }

    /// <summary>The offset of the Elf64_Vernaux record (hash 4, flags 2, other 2, name 4, next 4) that names the version, or -1.</summary>
    private static int FindNeed(byte[] image, Section needs, Section names)
    {
        var need = needs.Offset;
        while (true)
        {
            var count = BitConverter.ToUInt16(image, need + 2);
            var entry = need + BitConverter.ToInt32(image, need + 8);
            for (var i = 0; i < count; i++)
            {
                if (Name(image, names, BitConverter.ToInt32(image, entry + 8)) == Version)
                    return entry;
                entry += BitConverter.ToInt32(image, entry + 12);
            }
            var next = BitConverter.ToInt32(image, need + 12);
            if (next == 0)
                return -1;
            need += next;
        }
    }

    private static bool OnlyHarmlessSymbolNeeds(byte[] image, ushort index, Section symbols, Section versions, Section names)
    {
        for (var i = 0; i < versions.Size / 2; i++)
        {
            var version = BitConverter.ToUInt16(image, versions.Offset + 2 * i) & 0x7fff;
            if (version == index && Name(image, names, BitConverter.ToInt32(image, symbols.Offset + 24 * i)) != HarmlessSymbol)
                return false;
        }
        return true;
    }

    private static List<Section> Sections(byte[] image)
    {
        var table = (int)BitConverter.ToInt64(image, 0x28);
        var size = BitConverter.ToUInt16(image, 0x3a);
        var count = BitConverter.ToUInt16(image, 0x3c);
        var sections = new List<Section>();
        for (var i = 0; i < count; i++)
        {
            var header = table + i * size;
            sections.Add(new Section
            {
                Type = BitConverter.ToUInt32(image, header + 4),
                Offset = (int)BitConverter.ToInt64(image, header + 24),
                Size = (int)BitConverter.ToInt64(image, header + 32),
                Link = BitConverter.ToInt32(image, header + 40),
            });
        }
        return sections;
    }

    private static string Name(byte[] image, Section names, int offset)
    {
        var start = names.Offset + offset;
        var end = Array.IndexOf(image, (byte)0, start);
        return Encoding.ASCII.GetString(image, start, end - start);
    }

    private class Section
    {
        public uint Type;
        public int Offset, Size, Link;
    }
}
