using Letters;

if (args.Length == 0)
{
    Console.Error.WriteLine("usage: letters OUTPUT_FOLDER [FONT_ROOT ...]     (font roots: /usr/share/fonts /usr/share/texmf)");
    return 2;
}

var outputFolder = args[0];
var fontRoots = args.Length > 1 ? args[1..] : ["/usr/share/fonts", "/usr/share/texmf"];

// The one seed of the data set: the split and every image follow from it, in the order written here.
var random = new SeededRandom(20_250_601);

var families = FontTables.ReadFamilies();
var catalogue = FontCatalogue.Scan(families, FontTables.ReadExclusions(), new DebianPackages(fontRoots));
var split = DesignSplit.Draw(catalogue.Faces, random);

Directory.CreateDirectory(outputFolder);
var archivePath = Path.Combine(outputFolder, "letters.zip");
var archiveBytes = LetterArchive.Write(archivePath, split, random);
await File.WriteAllTextAsync(Path.Combine(outputFolder, "FONTS.md"), FontReport.Write(split, catalogue));

foreach (var part in (DataPart[])[split.Train, split.Test])
    foreach (var face in part.Faces)
        Console.WriteLine($"{part.Name}\t{face.Family.Design}\t{face.Family.Name}\t{face.Name}\t{face.Path}");

foreach (var refusal in catalogue.Refusals)
    Console.WriteLine($"refused\t{refusal}");

Console.WriteLine($"{archivePath}: {archiveBytes:N0} bytes, {split.Train.Faces.Count} + {split.Test.Faces.Count} faces.");
return 0;
