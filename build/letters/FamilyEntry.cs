namespace Letters;

/// <summary>One line of families.csv: a font family that may be drawn.</summary>
/// <param name="Name">The family name inside the font file.</param>
/// <param name="Design">
/// The drawing it descends from. All families of one design stand on the same side of the split: widths and companions of a
/// super-family (PT Sans, PT Serif), and copies under other names (Nimbus Roman, TeX Gyre Termes and FreeSerif are one Times;
/// Gillius and Switzera draw nearly the same letters, near to those of Verana and DejaVu).
/// </param>
/// <param name="Kind">serif, sans, mono or display; the split draws its share from each.</param>
/// <param name="Package">The Debian package that brings it; only files of this package count.</param>
/// <param name="Licence">Short name of the licence of the font in the package's copyright file.</param>
internal sealed record FamilyEntry(string Name, string Design, string Kind, string Package, string Licence);
