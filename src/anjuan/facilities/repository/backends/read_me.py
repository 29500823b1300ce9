"""What the store says to whoever opens it without this program (存储库自述).

Standard: OCFL 1.1, 4.1 lets such files stand in a storage root.
"""

READ_ME_NAME = "READ-ME-FIRST.txt"
READ_ME = """\
请先读我
========
这里是社会保险业务档案的存储库，按公开标准 OCFL 1.1（Oxford Common File Layout，https://ocfl.io/1.1/spec/）存放。
即使没有任何软件和数据库，也可以这样读懂它：

1. 每个最里层的文件夹是一件档案（一个 OCFL 对象），内有 inventory.json（清单，UTF-8 文本）。
2. 清单的 "id" 是该件的标识；"head" 是最新版本；"versions" 列出各版本由谁、何时、为何形成，以及当时有哪些文件。
3. 清单的 "manifest" 把每个文件的 SHA-512 摘要对应到它的存放位置（如 v1/content/…）。
4. "fixity" 另列 SHA-256 和 SM3（国密，GB/T 32905-2016）摘要，键名为 sha256、sm3。
5. 已封存的件，其最新版本中有 record.json：档号、著录、保管期限等全部目录信息。
6. 文件夹名由标识的 SHA-256 摘要得出（扩展 0004，两级，每级三位十六进制数）。

7. extensions/anjuan-tombstones/ 中每个文件是一件已依法销毁档案的凭据（JSON）：原标识、各版本和文件的摘要、
   何时、由谁、凭何依据销毁。销毁后该件的文件夹整个移除，标识不再使用。没有销毁过就没有这个文件夹。
8. 某件的最新版本若没有 record.json，表示尚未封存，著录信息还在业务日志中。封存后的更正写成新版本，
   附新的 record.json。
9. 存储库在 S3 对象存储时布局相同：对象键中的“/”就是文件夹；封存的件在保管期限内以治理模式锁定
   （存储桶支持时）。
10. 不用本系统也可以核验：anjuan-verify --store 本文件夹，或任何 OCFL 1.1 校验工具。
11. readings/v1.jsonl 之类的文件是机器识读影像得到的文字（识读层，JSON 行），是派生数据，不是原件；
    每层写明所读影像的摘要、模型和版本。

请勿改名、移动、修改或删除任何文件；需要副本时，整个文件夹一起复制。

Read me first
=============
This is the store of an archive of social-insurance records, laid out by the public standard OCFL 1.1 (Oxford Common
File Layout, https://ocfl.io/1.1/spec/). Without any software or database it can be understood thus:

1. Every innermost folder is one item (one OCFL object) and holds inventory.json (UTF-8 text).
2. In it "id" names the item, "head" its newest version; "versions" tells who made each version, when and why, and which
   files it had.
3. "manifest" leads from the SHA-512 digest of each file to where it lies (such as v1/content/...).
4. "fixity" gives SHA-256 and SM3 digests beside it. The key "sm3" is a local extension of the algorithm table: the
   digest of GB/T 32905-2016 (also ISO/IEC 10118-3), 64 lower-case hex digits.
5. The newest version of a sealed item holds record.json: reference code, description, retention, the whole catalogue.
6. Names of folders come from the SHA-256 digest of the identifier (extension 0004: two tuples of three hex digits).
7. Each file in extensions/anjuan-tombstones/ is what stays of one item that was lawfully destroyed (JSON): its
   identifier, the digests of its versions and files, when, by whom and on what authority. The item's folder is removed
   whole and its identifier never used again. Where nothing was destroyed there is no such folder.
8. An item whose newest version has no record.json is not sealed yet; its description is in the journal. A correction
   after sealing is a new version with a new record.json.
9. In an S3 bucket the layout is the same: "/" in a key is a folder. Sealed items are locked in governance mode until
   their retention ends, where the bucket can.
10. It can be verified without this program: anjuan-verify --store FOLDER, or any OCFL 1.1 validator.
11. Files such as readings/v1.jsonl are what a machine read on the images (JSON lines): derived, never the record. Each
    tells the digests of the images that it was read from, the model and the version.

Do not rename, move, change or delete anything; to copy, copy whole folders.
"""
