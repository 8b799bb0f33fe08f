//! The names of encodings.

use crate::failure::{Class, Failure};

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Ascii,
    Latin1,
    Gbk,
    Gb2312,
}

impl Encoding {
    /// As the messages name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Ascii => "ascii",
            Self::Latin1 => "latin-1",
            Self::Gbk => "gbk",
            Self::Gb2312 => "gb2312",
        }
    }
}

/// An encoding found by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) encoding: Encoding,
    /// CPython knows this name without its registry of codecs. Otherwise it wraps the errors of an error
    /// handler in another one.
    pub(super) built_in: bool,
}

impl Named {
    /// The encoding that Python calls `name`.
    pub(crate) fn find(name: &str) -> Result<Self, Failure> {
        if !name.is_ascii() {
            return Err(Failure::Refused("the name of an encoding must be ASCII".to_owned()));
        }
        let normal = normalize(name);
        let built_in = BUILT_IN.contains(&normal.as_str());
        if let Some(encoding) = known(&normal) {
            return Ok(Self { encoding, built_in });
        }
        // An alias may be written with points, and the name of a module may not.
        let dotless = normal.replace('.', "_");
        if normal.contains('.')
            && !MODULES.contains(&dotless.as_str())
            && let Some(encoding) = known(&dotless)
        {
            return Ok(Self { encoding, built_in: false });
        }
        if OTHERS.split(' ').any(|other| other == normal || other == dotless) {
            return Err(Failure::Refused(format!("the encoding {name} is not supported")));
        }
        Err(Failure::Raise(Class::Lookup, format!("unknown encoding: {name}")))
    }
}

/// Lower case, and one underscore for what is no letter, digit or point.
fn normalize(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    let mut punctuation = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if punctuation && !normal.is_empty() {
                normal.push('_');
            }
            normal.push(c.to_ascii_lowercase());
            punctuation = false;
        } else {
            punctuation = true;
        }
    }
    normal
}

fn known(normal: &str) -> Option<Encoding> {
    match normal {
        "utf_8" | "utf8" | "utf" | "u8" | "utf8_ucs2" | "utf8_ucs4" | "cp65001" => {
            Some(Encoding::Utf8)
        }
        "ascii" | "646" | "ansi_x3.4_1968" | "ansi_x3.4_1986" | "ansi_x3_4_1968" | "cp367"
        | "csascii" | "ibm367" | "iso646_us" | "iso_646.irv_1991" | "iso_ir_6" | "us"
        | "us_ascii" => Some(Encoding::Ascii),
        "latin_1" | "latin1" | "latin" | "l1" | "iso8859_1" | "iso_8859_1" | "8859" | "cp819"
        | "csisolatin1" | "ibm819" | "iso8859" | "iso_8859_1_1987" | "iso_ir_100" => {
            Some(Encoding::Latin1)
        }
        "gbk" | "936" | "cp936" | "ms936" => Some(Encoding::Gbk),
        "gb2312" | "chinese" | "csiso58gb231280" | "euc_cn" | "euccn" | "eucgb2312_cn"
        | "gb2312_1980" | "gb2312_80" | "iso_ir_58" | "x_mac_simp_chinese" => {
            Some(Encoding::Gb2312)
        }
        _ => None,
    }
}

const BUILT_IN: [&str; 8] =
    ["utf_8", "utf8", "ascii", "us_ascii", "latin_1", "latin1", "iso_8859_1", "iso8859_1"];

const MODULES: [&str; 5] = ["utf_8", "ascii", "latin_1", "gbk", "gb2312"];

/// The other names that CPython knows.
const OTHERS: &str = "\
    037 1026 1125 1140 1250 1251 1252 1253 1254 1255 1256 1257 1258 273 424 437 500 775 850 852 855 857 \
    858 860 861 862 863 864 865 866 869 932 949 950 arabic asmo_708 base64 base64_codec base_64 big5 \
    big5_hkscs big5_tw big5hkscs bz2 bz2_codec charmap cp037 cp1006 cp1026 cp1051 cp1125 cp1140 cp1250 \
    cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp1361 cp154 cp273 cp424 cp437 cp500 cp720 \
    cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp866u \
    cp869 cp874 cp875 cp932 cp949 cp950 cp_gr cp_is csbig5 csibm037 csibm1026 csibm273 csibm424 csibm500 \
    csibm855 csibm857 csibm858 csibm860 csibm861 csibm863 csibm864 csibm865 csibm866 csibm869 \
    csiso2022jp csiso2022kr csisolatin2 csisolatin3 csisolatin4 csisolatin5 csisolatin6 csisolatinarabic \
    csisolatincyrillic csisolatingreek csisolatinhebrew cskoi8r cspc775baltic cspc850multilingual \
    cspc862latinhebrew cspc8codepage437 cspcp852 csptcp154 csshiftjis cyrillic cyrillic_asian \
    ebcdic_cp_be ebcdic_cp_ca ebcdic_cp_ch ebcdic_cp_he ebcdic_cp_nl ebcdic_cp_us ebcdic_cp_wt ecma_114 \
    ecma_118 elot_928 euc_jis2004 euc_jis_2004 euc_jisx0213 euc_jp euc_kr eucjis2004 eucjisx0213 eucjp \
    euckr gb18030 gb18030_2000 greek greek8 hebrew hex hex_codec hkscs hp_roman8 hz hz_gb hz_gb_2312 \
    hzgb ibm037 ibm039 ibm1026 ibm1051 ibm1125 ibm1140 ibm273 ibm424 ibm437 ibm500 ibm775 ibm850 ibm852 \
    ibm855 ibm857 ibm858 ibm860 ibm861 ibm862 ibm863 ibm864 ibm865 ibm866 ibm869 idna iso2022_jp \
    iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr iso2022jp \
    iso2022jp_1 iso2022jp_2 iso2022jp_2004 iso2022jp_3 iso2022jp_ext iso2022kr iso8859_10 iso8859_11 \
    iso8859_13 iso8859_14 iso8859_15 iso8859_16 iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 \
    iso8859_7 iso8859_8 iso8859_9 iso_2022_jp iso_2022_jp_1 iso_2022_jp_2 iso_2022_jp_2004 iso_2022_jp_3 \
    iso_2022_jp_ext iso_2022_kr iso_8859_10 iso_8859_10_1992 iso_8859_11 iso_8859_11_2001 iso_8859_13 \
    iso_8859_14 iso_8859_14_1998 iso_8859_15 iso_8859_16 iso_8859_16_2001 iso_8859_2 iso_8859_2_1987 \
    iso_8859_3 iso_8859_3_1988 iso_8859_4 iso_8859_4_1988 iso_8859_5 iso_8859_5_1988 iso_8859_6 \
    iso_8859_6_1987 iso_8859_7 iso_8859_7_1987 iso_8859_8 iso_8859_8_1988 iso_8859_9 iso_8859_9_1989 \
    iso_celtic iso_ir_101 iso_ir_109 iso_ir_110 iso_ir_126 iso_ir_127 iso_ir_138 iso_ir_144 iso_ir_148 \
    iso_ir_157 iso_ir_166 iso_ir_199 iso_ir_226 jisx0213 johab koi8_r koi8_t koi8_u korean ks_c_5601 \
    ks_c_5601_1987 ks_x_1001 ksc5601 ksx1001 kz1048 kz_1048 l10 l2 l3 l4 l5 l6 l7 l8 l9 latin10 latin2 \
    latin3 latin4 latin5 latin6 latin7 latin8 latin9 mac_arabic mac_centeuro mac_croatian mac_cyrillic \
    mac_farsi mac_greek mac_iceland mac_latin2 mac_roman mac_romanian mac_turkish maccentraleurope \
    maccyrillic macgreek maciceland macintosh maclatin2 macroman macturkish ms1361 ms932 ms949 ms950 \
    ms_kanji mskanji palmos pt154 ptcp154 punycode quopri quopri_codec quoted_printable quotedprintable \
    r8 raw_unicode_escape rk1048 roman8 rot13 rot_13 ruscii s_jis s_jis_2004 s_jisx0213 shift_jis \
    shift_jis_2004 shift_jisx0213 shiftjis shiftjis2004 shiftjisx0213 sjis sjis_2004 sjisx0213 \
    strk1048_2002 thai tis620 tis_620 tis_620_0 tis_620_2529_0 tis_620_2529_1 u16 u32 u7 u_jis uhc ujis \
    undefined unicode_1_1_utf_7 unicode_escape unicodebigunmarked unicodelittleunmarked utf16 utf32 utf7 \
    utf_16 utf_16_be utf_16_le utf_16be utf_16le utf_32 utf_32_be utf_32_le utf_32be utf_32le utf_7 \
    utf_8_sig uu uu_codec windows_1250 windows_1251 windows_1252 windows_1253 windows_1254 windows_1255 \
    windows_1256 windows_1257 windows_1258 x_mac_japanese x_mac_korean x_mac_trad_chinese zip zlib \
    zlib_codec";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpython::{cases, compare, rng, text_literal};

    #[test]
    fn names_are_found_as_in_cpython() {
        let mut rng = rng();
        let mut names: Vec<String> =
            ["utf.8", "ansi.x3.4.1968", "", "x", "mbcs"].map(str::to_owned).into();
        let known = [
            "UTF-8",
            "utf8",
            "latin",
            "1",
            "latin1",
            "ISO-8859-1",
            "ascii",
            "us",
            "gbk",
            "GB2312",
            "-80",
            "646",
            "_",
            "-",
            " ",
            ".",
            "u8",
            "cp936",
            "iso_ir_58",
            "euc",
            "cn",
            "big5",
            "utf_16",
            "hex",
        ];
        for _ in 0..cases(500) {
            names.push((0..rng.usize(1..4)).map(|_| *rng.choice(&known).unwrap()).collect());
        }
        names.extend(known.map(str::to_owned));
        let list = names.into_iter().map(|name| {
            let ours = Named::find(&name).map(|named| text_literal(named.encoding.name()));
            let python = format!(
                "__import__('codecs').lookup({}).name.replace('iso8859-1', 'latin-1')",
                text_literal(&name)
            );
            (python, ours)
        });
        compare(list.collect());
    }
}
